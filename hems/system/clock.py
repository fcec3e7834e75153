"""The machine's clocks, and whether the wall clock may be believed."""

from __future__ import annotations

import ctypes
import time

from hems.errors import Unavailable

TIMEX_SIZE = 256  # struct timex is 208 bytes on 64-bit Linux; all zeros means "only read"
TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


class SystemClock:
    """hems.runtime.Clock on this machine."""

    monotonic = staticmethod(time.monotonic)
    time = staticmethod(time.time)

    def __init__(self) -> None:
        self._adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex

    def is_synchronised(self) -> bool:
        """Ask the kernel whether NTP keeps the clock now (adjtimex(2)).

        It says no again once the error may exceed 16 s, hours after the last NTP packet.
        Raises Unavailable when the kernel does not say.
        """
        state = self._adjtimex(ctypes.create_string_buffer(TIMEX_SIZE))
        if state < 0:
            raise Unavailable(f"adjtimex failed with errno {ctypes.get_errno()}")
        return bool(state != TIME_ERROR)
