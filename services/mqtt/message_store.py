"""Look after mosquitto's store: when it is saved, and what happens to one that is damaged."""

from __future__ import annotations

import time
from pathlib import Path

NAME = "mosquitto.db"
DAMAGED = f"{NAME}.damaged"  # one copy: the newest
SUSPECT = f"{NAME}.suspect"  # while the broker tries to start without it
KEPT_S = 30 * 86_400.0  # how long the copy of a damaged store stays
INTERVAL_S = 1_800.0  # between two saves, at least
BYTES_A_DAY = 4_000_000
DAY_S = 86_400.0


class MessageStore:
    """The store in `folder`, with whatever mosquitto retains and queues."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.damaged = folder / DAMAGED
        self._suspect = folder / SUSPECT

    def put_aside(self) -> bool:
        """Rename the store, which may be damaged; return whether there was one."""
        try:
            self.path.replace(self._suspect)
        except FileNotFoundError:
            return False
        return True

    def put_back(self) -> None:
        """Undo `put_aside`, also one that an interrupted start left behind."""
        if self._suspect.exists() and not self.path.exists():
            self._suspect.replace(self.path)

    def keep_damaged(self) -> None:
        """Keep what was put aside as the copy of a damaged store, in place of an older one."""
        self._suspect.replace(self.damaged)
        self.damaged.touch()  # its time says when

    def damaged_at(self) -> float | None:
        """Return the unix time (s) at which a damaged store was put aside, None if none is kept.

        Removes one that is old.
        """
        try:
            at = self.damaged.stat().st_mtime
            if time.time() - at > KEPT_S:
                self.damaged.unlink()
                return None
        except FileNotFoundError:
            return None
        return at

    def pause_s(self) -> float:
        """Return how long to wait before the next save (s): a large store is saved less often."""
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            size = 0
        return max(INTERVAL_S, size / BYTES_A_DAY * DAY_S)
