"""What runs a function later: the event loop of asyncio, or a test's virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A function that will run."""

    def cancel(self) -> None: ...


class Scheduler(Protocol):
    """Runs functions one after the other, in one thread."""

    def time(self) -> float:
        """Return monotonic seconds."""

    def call_later(self, delay: float, callback: Callable[[], object], /) -> Timer:
        """Run `callback` in `delay` seconds."""
