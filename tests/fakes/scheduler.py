"""An event loop whose time moves only when a test says so."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(order=True)
class FakeTimer:
    at: float
    number: int
    callback: Callable[[], object] = field(compare=False)
    is_cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class FakeScheduler:
    """Runs what is due in the order of its time, as an event loop does."""

    now: float = 0.0
    _timers: list[FakeTimer] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], object], /) -> FakeTimer:
        timer = FakeTimer(self.now + delay, next(self._numbers), callback)
        heapq.heappush(self._timers, timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        until = self.now + seconds
        while self._timers and self._timers[0].at <= until:
            timer = heapq.heappop(self._timers)
            self.now = timer.at
            if not timer.is_cancelled:
                timer.callback()
        self.now = until
