"""Split the byte stream of a D2L connection into whole frames, still encrypted."""

from __future__ import annotations

from hems.errors import ProtocolError
from hems.protocols.linky.d2l_frames import (
    CLEAR_HEADER,
    CLEAR_SIZE,
    MAX_FRAME_SIZE,
    check_clear_header,
)

MAX_BUFFER_SIZE = 16 * MAX_FRAME_SIZE


class D2lFrameReader:
    """Splits a byte stream into whole frames.

    Call `receive_data`, then `next_frame` until it returns None. After the first ProtocolError,
    every later call of either raises it again.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._fault = ""

    @property
    def has_partial(self) -> bool:
        """Return whether a frame has begun. Valid after `next_frame` has returned None."""
        return bool(self._buffer)

    def receive_data(self, data: bytes) -> None:
        """Keep `data` for `next_frame`. Raises ProtocolError for more than 64 KiB unread."""
        if not self._fault and len(self._buffer) + len(data) > MAX_BUFFER_SIZE:
            self._fault = f"found {len(data)} more bytes, expected at most {MAX_BUFFER_SIZE} unread"
        if self._fault:
            raise ProtocolError(self._fault)
        self._buffer += data

    def next_frame(self) -> bytes | None:
        """Return one whole frame, or None when more data is needed.

        Raises ProtocolError at the first byte that no clear header can have.
        """
        if self._fault:
            raise ProtocolError(self._fault)
        try:
            check_clear_header(self._buffer)
        except ProtocolError as error:
            self._fault = str(error)
            raise
        if len(self._buffer) < CLEAR_SIZE:
            return None
        size: int = CLEAR_HEADER.unpack_from(self._buffer)[1]
        if len(self._buffer) < size:
            return None
        frame = bytes(self._buffer[:size])
        del self._buffer[:size]
        return frame
