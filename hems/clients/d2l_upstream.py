"""The vendor's D2L server, asked on behalf of a dongle (relay mode)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hems.errors import ProtocolError, Unavailable
from hems.protocols.d2l import Cipher, Frame, FrameReader, decode

READ_SIZE = 4096


@dataclass(frozen=True)
class Upstream:
    """Where the vendor's server is, and how long (s) it may take over one frame."""

    host: str
    port: int
    timeout_s: float


async def exchange(upstream: Upstream, data: bytes, request: Frame, cipher: Cipher) -> bytes:
    """Send `data`, which is `request` as it came, and return the answer as it came.

    The answer must be an authentic response to this device and type. Raises Unavailable
    otherwise, and after `timeout_s` in all. Each frame has a connection of its own: a late
    answer can never be taken for the next frame's.
    """
    try:
        async with asyncio.timeout(upstream.timeout_s):
            answer = await _ask(upstream, data)
        response = decode(answer, cipher)
    except TimeoutError:
        raise Unavailable(f"no answer within {upstream.timeout_s:g} s") from None
    except (OSError, ProtocolError) as error:
        raise Unavailable(str(error)) from None
    found = response.is_response, response.device_id, response.type
    if found != (True, request.device_id, request.type):
        raise Unavailable("it sent a frame that is no answer to this one")
    return answer


async def _ask(upstream: Upstream, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(upstream.host, upstream.port)
    try:
        writer.write(data)
        await writer.drain()
        frames = FrameReader()
        while (answer := frames.next_frame()) is None:
            received = await reader.read(READ_SIZE)
            if not received:
                raise ConnectionError("it hung up without an answer")
            frames.receive_data(received)
        return answer
    finally:
        writer.transport.abort()
