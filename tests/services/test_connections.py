import asyncio
from collections.abc import Callable, Coroutine, Sequence
from io import BytesIO
from typing import Any, cast

import pytest
from connections import ALL, BODIES, MAX_HEAD, PER_ADDRESS, PER_BODY, PER_CLIENT, Connections
from http_messages import Head, Refused, Response
from login import PROXY

CLIENT = "192.168.1.20"
REQUEST = b"PUT /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"


class Transport:
    def __init__(self) -> None:
        self.is_aborted = False

    def set_write_buffer_limits(self, high: int) -> None:
        assert high == 0  # else drain does not wait until everything is sent

    def abort(self) -> None:
        self.is_aborted = True


class Writer:
    """Records what is sent to `peer`; `hold` keeps it from being taken."""

    def __init__(self, peer: str) -> None:
        self.peer = peer
        self.transport = Transport()
        self.sent = b""

    def get_extra_info(self, name: str, default: object) -> tuple[str, int]:
        assert name == "peername"
        return (self.peer, 1)

    def write(self, data: bytes) -> None:
        self.sent += data

    async def drain(self) -> None:
        await asyncio.sleep(0)

    def write_eof(self) -> None:
        assert self.sent


class Application:
    """Repeats the body; `early` is the response to a head."""

    def __init__(self) -> None:
        self.early: Response | Exception | None = None
        self.clients: list[str] = []
        self.file: BytesIO | None = None

    def early_response(self, head: Head, client: str) -> Response | None:
        self.clients.append(client)
        if isinstance(self.early, Exception):
            raise self.early
        return self.early

    def response(self, head: Head, body: bytes, client: str) -> Response:
        if self.file:
            return Response(file=self.file, file_size=5)
        return Response(content=body)


class Client:
    """One connection of `peer`."""

    def __init__(self, connections: Connections, peer: str = CLIENT) -> None:
        self.reader = asyncio.StreamReader(limit=MAX_HEAD)
        self.writer = Writer(peer)
        writer = cast(asyncio.StreamWriter, self.writer)
        self.task = asyncio.ensure_future(connections.serve(self.reader, writer))

    def send(self, *parts: bytes, is_end: bool = True) -> None:
        for part in parts:
            self.reader.feed_data(part)
        if is_end:
            self.reader.feed_eof()

    async def response(self) -> bytes:
        await self.task
        assert self.writer.transport.is_aborted
        return self.writer.sent


async def settle() -> None:
    """Let every connection do what it can do now."""
    for _ in range(5):
        await asyncio.sleep(0)


def run(
    scenario: Callable[[Connections, Application], Coroutine[Any, Any, None]],
) -> None:
    application = Application()

    async def inside() -> None:
        await scenario(Connections(application), application)

    asyncio.run(inside())


async def responses(connections: Connections, cuts: Sequence[int]) -> list[bytes]:
    clients = [Client(connections) for _ in cuts]
    for client, cut in zip(clients, cuts, strict=True):
        client.send(REQUEST[:cut], REQUEST[cut:])
    return [await client.response() for client in clients]


def test_a_request_is_answered_wherever_it_is_cut() -> None:
    async def scenario(connections: Connections, _: Application) -> None:
        for cut in range(len(REQUEST)):
            [response] = await responses(connections, [cut])
            assert response.startswith(b"HTTP/1.1 200 ")
            assert response.endswith(b"\r\n\r\nhello")

    run(scenario)


def test_a_request_that_ends_too_early_gets_nothing() -> None:
    async def scenario(connections: Connections, _: Application) -> None:
        for cut in range(len(REQUEST)):
            client = Client(connections)
            client.send(REQUEST[:cut])
            assert await client.response() == b""

    run(scenario)


def test_only_one_request_of_a_connection_is_read() -> None:
    async def scenario(connections: Connections, application: Application) -> None:
        client = Client(connections)
        client.send(REQUEST + REQUEST)
        assert (await client.response()).count(b"HTTP/1.1") == 1
        assert application.clients == [CLIENT]

    run(scenario)


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"a" * (2 * MAX_HEAD), b"431"), (b"nonsense\r\n\r\n", b"400"), (REQUEST, b"403")],
    ids=["too long", "nonsense", "refused"],
)
def test_a_refusal_says_why(data: bytes, status: bytes) -> None:
    async def scenario(connections: Connections, application: Application) -> None:
        application.early = Refused(403, "No.")
        client = Client(connections)
        client.send(data)
        response = await client.response()
        assert response.startswith(b"HTTP/1.1 " + status)
        assert b'{"message": "' in response

    run(scenario)


def test_an_early_response_does_not_wait_for_the_body() -> None:
    async def scenario(connections: Connections, application: Application) -> None:
        application.early = Response(401)
        client = Client(connections)
        client.send(REQUEST[:-1], is_end=False)
        await settle()
        assert client.writer.sent.startswith(b"HTTP/1.1 401 ")
        client.reader.feed_eof()
        await client.task

    run(scenario)


def test_a_file_is_sent_with_the_announced_size() -> None:
    async def scenario(connections: Connections, application: Application) -> None:
        application.file = BytesIO(b"0123456789")  # it has grown
        client = Client(connections)
        client.send(REQUEST)
        assert (await client.response()).endswith(b"Content-Length: 5\r\n\r\n01234")
        assert application.file.closed

    run(scenario)


def test_an_address_has_a_share_of_the_connections_and_nginx_more() -> None:
    async def scenario(connections: Connections, _application: Application) -> None:
        for _ in range(2):  # those that end make room
            held = [Client(connections) for _ in range(PER_ADDRESS)]
            await settle()
            assert await Client(connections).response() == b""
            for peer in ("192.168.1.21", *[PROXY] * (PER_ADDRESS + 1)):
                other = Client(connections, peer)
                other.send(REQUEST)
                assert b"200" in await other.response()
            for client in held:
                client.send()
                await client.task

    run(scenario)


def test_when_all_connections_are_taken_the_oldest_silent_one_goes() -> None:
    async def scenario(connections: Connections, _: Application) -> None:
        held = [Client(connections, f"10.0.{number}.1") for number in range(ALL)]
        held[0].send(REQUEST[:-1], is_end=False)  # it has sent its head
        await settle()
        client = Client(connections)
        client.send(REQUEST)
        assert b"200" in await client.response()
        gone = [number for number, one in enumerate(held) if one.writer.transport.is_aborted]
        assert gone == [1]
        for one in held:
            one.reader.feed_eof()
            await one.task

    run(scenario)


def test_a_client_has_a_share_of_the_requests_behind_nginx_too() -> None:
    async def scenario(connections: Connections, application: Application) -> None:
        head = REQUEST.replace(b"\r\n", f"\r\nX-Forwarded-For: {CLIENT}\r\n".encode(), 1)
        held = [Client(connections, PROXY) for _ in range(PER_CLIENT)]
        for client in held:
            client.send(head[:-1], is_end=False)
        await settle()
        another = head.replace(CLIENT.encode(), b"192.168.1.21")
        for data, status in ((head, b"429"), (another, b"200")):
            client = Client(connections, PROXY)
            client.send(data)
            assert (await client.response()).startswith(b"HTTP/1.1 " + status)
        for client in held:
            client.send(b"o")
            assert (await client.response()).startswith(b"HTTP/1.1 200")
        assert set(application.clients) == {CLIENT, "192.168.1.21"}

    run(scenario)


def test_the_memory_for_bodies_is_shared() -> None:
    async def scenario(connections: Connections, _: Application) -> None:
        def sends(client: str, size: int) -> Client:
            one = Client(connections, client)
            one.send(f"PUT /a HTTP/1.1\r\nContent-Length: {size}\r\n\r\n".encode(), is_end=False)
            return one

        first = sends("10.0.0.1", PER_BODY)
        await settle()
        refused = [sends("10.0.0.1", 1), sends("10.0.0.2", BODIES - PER_BODY + 1)]
        await settle()
        for client in refused:
            assert client.writer.sent.startswith(b"HTTP/1.1 503 ")
        waits = sends("10.0.0.2", BODIES - PER_BODY)
        await settle()
        assert waits.writer.sent == b""
        for client in (first, waits, *refused):
            client.send()
            await client.task
        [response] = await responses(connections, [3])
        assert b"200" in response

    run(scenario)
