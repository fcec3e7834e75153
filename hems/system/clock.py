"""Read the machine's clocks, whether NTP sets them, and which time zones exist."""

from __future__ import annotations

import ctypes
import time
from datetime import tzinfo

from hems.errors import Unavailable

TIMEX_SIZE = 256  # struct timex is 208 bytes on 64-bit Linux; all zeros means "only read"
TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


class SystemClock:
    """Implements hems.worker_runtime.Clock."""

    monotonic = staticmethod(time.monotonic)
    time = staticmethod(time.time)

    def __init__(self) -> None:
        self._adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex

    def is_synchronised(self) -> bool:
        """Return whether the kernel considers the clock set by NTP (adjtimex(2)).

        Hours after the last NTP packet, when the error may exceed 16 s, it is false again.
        Raises Unavailable when the kernel refuses the question.
        """
        state = self._adjtimex(ctypes.create_string_buffer(TIMEX_SIZE))
        if state < 0:
            raise Unavailable(f"adjtimex failed with errno {ctypes.get_errno()}")
        return bool(state != TIME_ERROR)


def time_zone(name: str) -> tzinfo:
    """Return the time zone. Raises Unavailable if the tz database does not have it."""
    import zoneinfo  # noqa: PLC0415 - not every worker needs it

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise Unavailable(
            f"found the time zone {name!r}, expected one of the tz database"
        ) from None


def is_time_zone(name: str) -> bool:
    """Return whether `name` is in the tz database; without a database every name is accepted."""
    return _has_zone(name) or not _has_zone("UTC")


def _has_zone(name: str) -> bool:
    import zoneinfo  # noqa: PLC0415 - only provision needs it

    try:
        zoneinfo.ZoneInfo.no_cache(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # ValueError: no file name
        return False
    return True
