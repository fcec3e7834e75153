"""The states that each unit has gone through, in the words of systemd."""

from __future__ import annotations

import threading
from collections.abc import Callable


class StateHistory:
    """One thread adds what its manager reports, others look at it."""

    def __init__(self) -> None:
        self._seen: dict[str, list[str]] = {}
        self._changed = threading.Condition()

    def add(self, unit: str, state: str) -> None:
        """Add a state, which may be the last one again. Before 253, reload-notify was reload."""
        with self._changed:
            states = self._seen.setdefault(unit, [])
            state = "reload" if state == "reload-notify" else state
            if state != (states[-1] if states else "dead"):
                states.append(state)
                self._changed.notify_all()

    def states(self, unit: str) -> list[str]:
        """Return the states so far, without those that last no time."""
        with self._changed:
            return lasting(self._seen.get(unit, []))

    def wait(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Wait until the states meet a condition, or the time is over."""
        with self._changed:
            self._changed.wait_for(condition, timeout_s)


def lasting(states: list[str]) -> list[str]:
    """Drop what is a job in systemd, and the states that a restart passes through for no time.

    A unit that waits here is dead or failed there, with a job. There, a restart passes through
    `failed` or `dead` before auto-restart, and through `dead` after it.
    """
    lasting_states: list[str] = []
    for state in states:
        if state != "waiting":
            lasting_states.append(state)
        elif lasting_states and lasting_states[-1] != "failed":
            lasting_states.append("dead")
    kept: list[str] = []
    for number, state in enumerate(lasting_states):
        later = lasting_states[number + 1] if number + 1 < len(lasting_states) else ""
        is_passed = state in {"dead", "failed"} and later == "auto-restart"
        is_passed |= (
            state == "dead" and bool(later) and lasting_states[number - 1] == "auto-restart"
        )
        if not is_passed and state != (kept[-1] if kept else "dead"):
            kept.append(state)
    return kept
