"""One connected dongle: bytes in, answers out, and every patience with an end.

The first byte must come within first_header_timeout_s, a later frame's within
idle_timeout_s; a frame that has begun must be whole within frame_timeout_s, and an
answer must leave within frame_timeout_s too.
"""

from __future__ import annotations

import asyncio
import socket

from hems.errors import ProtocolError
from hems.protocols.d2l import FrameReader
from hems.protocols.proxy_protocol import ProxyHeaderReader
from hems.settings import EesmartD2l
from hems.workers.eesmart_d2l.refusals import Reason, Refused

READ_SIZE = 4096  # also bounds what is kept, here and in the kernel, for a peer that does not read


class MeterConnection:
    """The stream of one peer."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, settings: EesmartD2l
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._settings = settings
        self._frames = FrameReader()
        self._patience_s = settings.first_header_timeout_s
        self._evicted: Refused | None = None
        writer.transport.set_write_buffer_limits(high=READ_SIZE)
        connected = writer.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, READ_SIZE)
        self.address = str((writer.get_extra_info("peername") or ("unknown",))[0])

    async def next_frame(self) -> bytes | None:
        """Return one whole frame, None when the peer hung up or fell silent between frames.

        Raises ProtocolError when the peer sends something else, Refused when it is too
        slow, cuts a frame off, or was told to go.
        """
        is_partial, patience_s = False, self._patience_s
        deadline = asyncio.get_running_loop().time() + patience_s
        while (frame := self._whole_frame()) is None:
            if self._frames.has_partial and not is_partial:
                is_partial, patience_s = True, self._settings.frame_timeout_s
                deadline = asyncio.get_running_loop().time() + patience_s
            try:
                async with asyncio.timeout_at(deadline):
                    data = await self._reader.read(READ_SIZE)
            except TimeoutError:
                if self._has_idled(is_partial):
                    return None
                raise Refused(Reason.SLOW, f"no whole frame within {patience_s:g} s") from None
            if not data:
                self._check_end(is_partial)
                return None
            self._frames.receive_data(data)
        self._patience_s = self._settings.idle_timeout_s
        return frame

    async def read_proxy_header(self) -> None:
        """Learn the meter's own address from the proxy that connected for it.

        Raises Refused unless a PROXY protocol v1 header comes first, and in time.
        """
        proxy = ProxyHeaderReader()
        header = None
        try:
            async with asyncio.timeout(self._patience_s):
                while header is None:
                    data = await self._reader.read(READ_SIZE)
                    if not data:
                        raise Refused(Reason.CUT_OFF, "hung up within the PROXY header")
                    header = proxy.receive_data(data)
        except TimeoutError:
            detail = f"no whole PROXY header within {self._patience_s:g} s"
            raise Refused(Reason.SLOW, detail) from None
        except ProtocolError as error:
            raise Refused(Reason.PROXY_HEADER, str(error)) from None
        if header.source is not None:
            self.address = header.source.address
        self._frames.receive_data(header.rest)

    async def send(self, answer: bytes) -> None:
        """Send one whole frame; raise Refused if the peer does not take it in time."""
        self._writer.write(answer)
        try:
            async with asyncio.timeout(self._settings.frame_timeout_s):
                await self._writer.drain()
        except TimeoutError:
            raise Refused(Reason.SLOW, "does not read its answers") from None

    def evict(self, refused: Refused) -> None:
        """End the connection now; its reader raises `refused`."""
        self._evicted = refused
        self._writer.transport.abort()

    def close(self) -> None:
        """Close at once; what the peer has not read by now is not waited for."""
        if self._writer.transport.get_write_buffer_size():
            self._writer.transport.abort()
        self._writer.close()

    def _whole_frame(self) -> bytes | None:
        if self._evicted is not None:  # what had arrived before counts no more
            raise self._evicted
        return self._frames.next_frame()

    def _has_idled(self, is_partial: bool) -> bool:
        return not is_partial and self._patience_s == self._settings.idle_timeout_s

    def _check_end(self, is_partial: bool) -> None:
        if self._evicted is not None:
            raise self._evicted
        if is_partial:
            raise Refused(Reason.CUT_OFF, "the frame's end is missing")
