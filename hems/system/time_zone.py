"""The names of the tz database, as far as this machine has it."""

from __future__ import annotations

import zoneinfo

ALWAYS = "UTC"


def is_known(name: str) -> bool:
    """Tell whether `name` is a time zone; on a machine without the database every name is."""
    return _has(name) or not _has(ALWAYS)


def _has(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo.no_cache(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # ValueError: no name of a file
        return False
    return True
