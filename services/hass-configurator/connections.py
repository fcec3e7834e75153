"""Serve HTTP on a bounded number of connections, of which silent and slow ones harm nobody else.

One event loop reads requests and sends responses, so a connection that waits costs a few kilobytes
and no thread. A fixed number of threads does the work on files.

limit                         consequence
PER_ADDRESS connections       the address's next one is closed; nginx limits its own clients
ALL connections               the oldest one that has not sent its request yet is closed
HEAD_S for the head           closed
STALL_S for 64 kB             closed
PER_CLIENT requests           429; behind nginx, of the client that nginx names
BODIES bytes in memory        503; a client's share is PER_BODY, so that others can still save
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Protocol, TypeVar

from http_messages import Head, Refused, Response, json_response, parse_head
from login import PROXY, client_address

ALL, PER_ADDRESS, PER_CLIENT = 256, 32, 8
MAX_HEAD = 16_384  # bytes
HEAD_S, STALL_S, LINGER_S = 5.0, 15.0, 2.0
PART = 65_536  # bytes
BODIES, PER_BODY = 24_000_000, 16_000_000  # bytes
BACKLOG = 512
THREADS = 4


T = TypeVar("T")


class Application(Protocol):
    """What is served to a client, an address. Both methods may raise Refused."""

    def early_response(self, head: Head, client: str) -> Response | None:
        """Return the response to a request whose body is not read, None for the others."""

    def response(self, head: Head, body: bytes, client: str) -> Response:
        """Carry out a request, on a thread."""


class Connections:
    """All connections of a server, and what they use."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(THREADS, "files")
        self._by_address: Counter[str] = Counter()
        self._by_client: Counter[str] = Counter()
        self._waiting: dict[asyncio.StreamWriter, None] = {}  # without a request yet, oldest first
        self._body_bytes: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request, and close the connection."""
        peer = str(writer.get_extra_info("peername", ("",))[0])
        writer.transport.set_write_buffer_limits(high=0)  # so that drain waits for the last byte
        try:
            if self._has_room(peer):
                with _counted(self._by_address, peer):
                    await self._serve(reader, writer, peer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # TimeoutError, too: the client is slow or gone, and nobody is left to tell
        finally:
            writer.transport.abort()

    def _has_room(self, peer: str) -> bool:
        if peer != PROXY and self._by_address[peer] >= PER_ADDRESS:
            return False
        if self._by_address.total() < ALL:
            return True
        if not self._waiting:
            return False
        oldest = next(iter(self._waiting))
        del self._waiting[oldest]
        oldest.transport.abort()
        return True

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str
    ) -> None:
        try:
            head = parse_head(await self._head(reader, writer))
            client = client_address(peer, head.headers.get("X-Forwarded-For"))
            with self._share(client):
                await self._send(writer, await self._response(reader, head, client))
        except Refused as error:
            await self._send(writer, _explained(error))
        await _linger(reader, writer)

    def _share(self, client: str) -> AbstractContextManager[None]:
        if self._by_client[client] >= PER_CLIENT:
            raise Refused(429, "Too many requests at once.")
        return _counted(self._by_client, client)

    async def _head(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        self._waiting[writer] = None
        try:
            async with asyncio.timeout(HEAD_S):
                return await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            raise Refused(431, "The head of the request is too long.") from None
        finally:
            self._waiting.pop(writer, None)

    async def _response(self, reader: asyncio.StreamReader, head: Head, client: str) -> Response:
        early = self._application.early_response(head, client)
        if early:
            return early
        size = head.body_size
        used = self._body_bytes
        if used.total() + size > BODIES or used[client] + size > PER_BODY:
            raise Refused(503, "Too much is being sent at once. Try again.")
        with _counted(used, client, size):
            body = await _body(reader, size)
            return await self._on_thread(self._application.response, head, body, client)

    async def _send(self, writer: asyncio.StreamWriter, response: Response) -> None:
        """Send a response; of a file exactly the size that was announced."""
        if response.file is None:
            await _write(writer, response.head() + response.content)
            return
        with response.file as file:
            await _write(writer, response.head())
            left = response.file_size
            while left and (part := await self._on_thread(file.read, min(left, PART))):
                await _write(writer, part)
                left -= len(part)

    async def _on_thread(self, work: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, work, *arguments)


async def _body(reader: asyncio.StreamReader, size: int) -> bytes:
    parts = []
    while size:
        async with asyncio.timeout(STALL_S):
            parts.append(await reader.readexactly(min(size, PART)))
        size -= len(parts[-1])
    return b"".join(parts)


async def _write(writer: asyncio.StreamWriter, content: bytes) -> None:
    """Send `content`; each part within STALL_S."""
    for start in range(0, len(content), PART):
        writer.write(content[start : start + PART])
        async with asyncio.timeout(STALL_S):
            await writer.drain()


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read on for a moment: a reset would destroy a response on its way to one who still sends."""
    writer.write_eof()
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while await reader.read(PART):
                pass


def _explained(error: Refused) -> Response:
    return json_response({"message": error.message}, error.status)


@contextmanager
def _counted(counter: Counter[str], key: str, amount: int = 1) -> Iterator[None]:
    """Count `amount` while it lasts; a key that is not in use takes no memory."""
    counter[key] += amount
    try:
        yield
    finally:
        counter[key] -= amount
        if counter[key] <= 0:
            del counter[key]
