"""The last changes of state of all units, for those who watch."""

from __future__ import annotations

import json
from collections import deque
from typing import NamedTuple

SIZE = 1000


class StateChange(NamedTuple):
    """One change. Numbers count from 1; `time` is in seconds since 1970."""

    number: int
    time: float
    unit: str
    state: str  # systemd's ActiveState
    sub_state: str
    reason: str


class StateJournal:
    """It keeps the last SIZE changes."""

    def __init__(self) -> None:
        self.last = 0  # the number of the last change
        self._changes: deque[StateChange] = deque(maxlen=SIZE)

    def add(self, unit: str, state: str, sub_state: str, reason: str, wall: float) -> None:
        """Add a change that happens at `wall` (s since 1970)."""
        self.last += 1
        self._changes.append(StateChange(self.last, wall, unit, state, sub_state, reason))

    def since(self, number: int) -> list[StateChange]:
        """Return the changes after this number; all if it is from an earlier supervisord."""
        after = number if number <= self.last else 0
        return [change for change in self._changes if change.number > after]

    def as_json(self, number: int) -> str:
        """Return `last` and the changes after this number; a negative one means none."""
        changes = self.since(number) if number >= 0 else []
        return json.dumps({"last": self.last, "changes": [one._asdict() for one in changes]})
