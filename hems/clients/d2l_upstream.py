"""The vendor's D2L server, asked on behalf of one connected dongle (relay mode)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hems.errors import ProtocolError, Unavailable
from hems.protocols.d2l import Cipher, Frame, FrameReader, decode


@dataclass(frozen=True)
class Upstream:
    """Where the vendor's server is, and how long (s) it may take over one frame."""

    host: str
    port: int
    timeout_s: float


class UpstreamLink:
    """One connection to the vendor's server, opened when the first frame needs it."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def exchange(self, data: bytes, request: Frame, cipher: Cipher) -> bytes:
        """Send `data`, which is `request` as it came, and return the answer as it came.

        The answer must be an authentic response to this device and type. Raises Unavailable
        otherwise, and after `timeout_s` in all; the connection is closed then, so that a
        late answer can never be taken for the next frame's.
        """
        try:
            async with asyncio.timeout(self._upstream.timeout_s):
                answer = await self._ask(data)
            response = decode(answer, cipher)
        except TimeoutError:
            self.close()
            raise Unavailable(f"no answer within {self._upstream.timeout_s:g} s") from None
        except (OSError, ProtocolError) as error:
            self.close()
            raise Unavailable(str(error)) from None
        except asyncio.CancelledError:
            self.close()
            raise
        found = response.is_response, response.device_id, response.type
        if found != (True, request.device_id, request.type):
            self.close()
            raise Unavailable("it sent a frame that is no answer to this one")
        return answer

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    async def _ask(self, data: bytes) -> bytes:
        if self._streams is None or self._streams[0].at_eof():
            self.close()
            upstream = self._upstream
            self._streams = await asyncio.open_connection(upstream.host, upstream.port)
        reader, writer = self._streams
        writer.write(data)
        await writer.drain()
        frames = FrameReader()
        while (answer := frames.next_frame()) is None:
            received = await reader.read(4096)
            if not received:
                raise ConnectionError("it hung up without an answer")
            frames.receive_data(received)
        return answer
