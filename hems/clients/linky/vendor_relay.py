"""Relay a dongle's frame to the vendor's D2L server and return its answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hems.errors import ProtocolError, Unavailable
from hems.protocols.linky.d2l_frame_reader import D2lFrameReader
from hems.protocols.linky.d2l_frames import (
    D2lCipher,
    D2lFrame,
    decode,
)

READ_SIZE = 4096


@dataclass(frozen=True)
class VendorServer:
    """The address of the vendor's server, and the time limit (s) for one frame."""

    host: str
    port: int
    timeout_s: float


async def exchange(
    server: VendorServer, data: bytes, request: D2lFrame, cipher: D2lCipher
) -> bytes:
    """Send `data`, the bytes of `request`, and return the bytes of the answer.

    The answer must be an authentic response to this device and type. Raises Unavailable
    otherwise, and after `timeout_s` in all. Each frame has its own connection, so a late answer
    cannot be mistaken for the next frame's.
    """
    try:
        async with asyncio.timeout(server.timeout_s):
            answer = await _answer(server, data)
        response = decode(answer, cipher)
    except TimeoutError:
        raise Unavailable(f"no answer within {server.timeout_s:g} s") from None
    except (OSError, ProtocolError) as error:
        raise Unavailable(str(error)) from None
    answered = response.is_response, response.device_id, response.type
    if answered != (True, request.device_id, request.type):
        raise Unavailable("it sent a frame that does not answer this one")
    return answer


async def _answer(server: VendorServer, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    try:
        writer.write(data)
        await writer.drain()
        frames = D2lFrameReader()
        while (answer := frames.next_frame()) is None:
            received = await reader.read(READ_SIZE)
            if not received:
                raise ConnectionError("it closed the connection without an answer")
            frames.receive_data(received)
        return answer
    finally:
        writer.transport.abort()
