"""Check that every service has a memory limit and that all limits together fit into 4 GB."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dev.check import compose_file
from dev.check.compose_file import FILE

TITLE = "compose: every service has a memory limit"
LIMIT = re.compile(r"([1-9]\d*)([kmg])b?", re.IGNORECASE)
UNITS = {"k": 1024, "m": 1024**2, "g": 1024**3}
MB = 1_000_000
MAXIMUM_SUM_B = 3600 * MB  # leaves the rest of 4 GB to balenaOS


def problems(root: Path) -> Iterator[str]:
    """Yield each limit that is missing or invalid, and a sum that is too large."""
    services = compose_file.read(root).services
    for name, service in services.items():
        if not LIMIT.fullmatch(service.mem_limit):
            yield (
                f"{FILE}: {name}: mem_limit: found {service.mem_limit or 'none'}, expected e.g. "
                "96m: without a limit one service with a leak takes the memory of all others"
            )
    sum_b = sum(_bytes(service.mem_limit) for service in services.values())
    if sum_b > MAXIMUM_SUM_B:
        expected = f"{MAXIMUM_SUM_B / MB:.0f} MB or less"
        yield f"{FILE}: mem_limit: found {sum_b / MB:.0f} MB in all, expected {expected}"


def _bytes(text: str) -> int:
    """Return a limit (`96m`) in bytes, 0 for text that is no limit."""
    limit = LIMIT.fullmatch(text)
    return int(limit[1]) * UNITS[limit[2].lower()] if limit else 0
