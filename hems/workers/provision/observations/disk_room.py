"""Check how full the disk is, and find out what fills it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from hems.protocols.gateway.disk_limits import (
    FILLING,
    FULL,
    NO_LONGER_FILLING,
    NO_LONGER_FULL,
)
from hems.protocols.gateway.problem_kinds import DISK_FILLING, DISK_FULL
from hems.supervision.worker.problem import ReportedProblem
from hems.system import folder_sizes, host_metrics
from hems.system.host_metrics import DiskSpace

SEARCH_S = 3600.0  # between two searches: each reads the size of every file
# The other volumes of docker-compose.yml on the same disk; a desk has none of them.
OTHER_VOLUMES = (Path("/hass-config"), Path("/influxdb-data"))
LARGEST = 3
GB = 1e9


class DiskRoom:
    """Look at `space`; while it is low, `sizes` has the bytes of each folder on the disk."""

    def __init__(
        self, space: Callable[[], DiskSpace], sizes: Callable[[], Mapping[str, int]]
    ) -> None:
        self._space = space
        self._sizes = sizes
        self._is_filling = self._is_full = False
        self._searched_at = -math.inf
        self._found = ""

    def problems(self, now: float, _wall: float) -> list[ReportedProblem]:
        """Return the problem at monotonic `now` (s). Raises Unavailable without a disk."""
        space = self._space()
        free = 100 - space.used
        was_low = self._is_filling, self._is_full
        self._is_filling = free < (NO_LONGER_FILLING if self._is_filling else FILLING)
        self._is_full = free < (NO_LONGER_FULL if self._is_full else FULL)
        is_new = was_low != (self._is_filling, self._is_full)
        if self._is_filling and (is_new or now - self._searched_at >= SEARCH_S):
            self._searched_at = now
            self._found = _describe(space, self._sizes())
        if self._is_full:
            return [DISK_FULL.found(self._found)]
        return [DISK_FILLING.found(self._found)] if self._is_filling else []


def of_volumes(data: str, gateway: str) -> DiskRoom:
    """Return the look at the disk of provision's own folders, with what each volume takes of it."""
    volumes = (*OTHER_VOLUMES, Path(gateway), Path(data))
    return DiskRoom(partial(host_metrics.disk, Path(data)), partial(folder_sizes.sizes, volumes))


def _describe(space: DiskSpace, sizes: Mapping[str, int]) -> str:
    """Return how much is free, and the largest folders with what is outside of all of them."""
    largest = sorted(sizes.items(), key=lambda item: item[1], reverse=True)[:LARGEST]
    others = max(0, space.size - space.free - sum(sizes.values()))
    parts = [f"{name} {bytes_ / GB:.1f} GB" for name, bytes_ in largest]
    parts.append(f"images of the services and everything else {others / GB:.1f} GB")
    free = f"{100 - space.used:.0f} % free ({space.free / GB:.1f} GB)"
    return f"{free}; it contains: {', '.join(parts)}"
