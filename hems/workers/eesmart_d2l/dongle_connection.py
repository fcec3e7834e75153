"""The TCP connection of one dongle: read frames, send answers, and limit every wait.

The first byte must arrive within first_header_timeout_s, the next frame within idle_timeout_s.
A frame that has begun must be whole within frame_timeout_s, and the dongle must take an answer
within frame_timeout_s.
"""

from __future__ import annotations

import asyncio
import socket

from hems.errors import ProtocolError
from hems.protocols.linky.d2l_frame_reader import D2lFrameReader
from hems.protocols.web.proxy_protocol import ProxyHeaderReader
from hems.settings.eesmart_d2l import EesmartD2lSettings
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason

READ_SIZE = 4096  # also limits the buffers, ours and the kernel's, for a peer that does not read


class DongleConnection:
    """The stream of one peer, whose `address` is the dongle's own, also behind a proxy."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        settings: EesmartD2lSettings,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._settings = settings
        self._frames = D2lFrameReader()
        self._timeout_s = settings.first_header_timeout_s
        self._has_sent_frame = False
        self._evicted: FrameRefused | None = None
        writer.transport.set_write_buffer_limits(high=READ_SIZE)
        connected = writer.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, READ_SIZE)
        self.address = str((writer.get_extra_info("peername") or ("unknown",))[0])

    async def next_frame(self) -> bytes | None:
        """Return one whole frame, None if the peer hung up or fell silent between frames.

        Raises ProtocolError if the peer sends something else, FrameRefused if it is too slow or
        cuts a frame off, or if the worker evicted it.
        """
        is_partial, timeout_s = False, self._timeout_s
        deadline = asyncio.get_running_loop().time() + timeout_s
        while (frame := self._whole_frame()) is None:
            if self._frames.has_partial and not is_partial:
                is_partial, timeout_s = True, self._settings.frame_timeout_s
                deadline = asyncio.get_running_loop().time() + timeout_s
            try:
                async with asyncio.timeout_at(deadline):
                    data = await self._reader.read(READ_SIZE)
            except TimeoutError:
                if self._has_idled(is_partial):
                    return None
                raise FrameRefused(
                    RefusalReason.SLOW, f"no whole frame within {timeout_s:g} s"
                ) from None
            if not data:
                self._check_end(is_partial)
                return None
            self._frames.receive_data(data)
        self._timeout_s, self._has_sent_frame = self._settings.idle_timeout_s, True
        return frame

    async def read_proxy_header(self) -> None:
        """Read the dongle's own address from the proxy's header.

        Raises FrameRefused unless the first bytes are a PROXY protocol v1 header, in time.
        """
        proxy = ProxyHeaderReader()
        header = None
        try:
            async with asyncio.timeout(self._timeout_s):
                while header is None:
                    data = await self._reader.read(READ_SIZE)
                    if not data:
                        raise FrameRefused(RefusalReason.CUT_OFF, "hung up within the PROXY header")
                    header = proxy.receive_data(data)
        except TimeoutError:
            detail = f"no whole PROXY header within {self._timeout_s:g} s"
            raise FrameRefused(RefusalReason.SLOW, detail) from None
        except ProtocolError as error:
            raise FrameRefused(RefusalReason.PROXY_HEADER, str(error)) from None
        if header.source is not None:
            self.address = header.source.address
        self._frames.receive_data(header.rest)

    async def send(self, answer: bytes) -> None:
        """Send one whole frame. Raises FrameRefused if the peer does not take it in time."""
        self._writer.write(answer)
        try:
            async with asyncio.timeout(self._settings.frame_timeout_s):
                await self._writer.drain()
        except TimeoutError:
            raise FrameRefused(RefusalReason.SLOW, "does not read its answers") from None

    def evict(self, refused: FrameRefused) -> None:
        """End the connection now; its reader raises `refused`."""
        self._evicted = refused
        self._writer.transport.abort()

    def close(self) -> None:
        """Close at once, without waiting for the peer to read what was sent."""
        if self._writer.transport.get_write_buffer_size():
            self._writer.transport.abort()
        self._writer.close()

    def _whole_frame(self) -> bytes | None:
        if self._evicted is not None:  # frames that arrived before no longer count
            raise self._evicted
        return self._frames.next_frame()

    def _has_idled(self, is_partial: bool) -> bool:
        return not is_partial and self._has_sent_frame

    def _check_end(self, is_partial: bool) -> None:
        if self._evicted is not None:
            raise self._evicted
        if is_partial:
            raise FrameRefused(RefusalReason.CUT_OFF, "the frame's end is missing")
