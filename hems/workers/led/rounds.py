"""Looks at the peers, one after another, in a thread of their own.

A ping, a TCP connection and HTTP wait for peers that may be slow or gone, and a name for
the resolver; the lamps' loop waits for nothing but time. There is one look at a time, and
each is bounded by its timeouts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor, Future

from hems.workers.led.meaning import Seen

STUCK_S = 50.0  # more than a look takes while every peer is silent


class Rounds:
    """Begins a `look` every `interval_s` seconds on `background` and keeps the newest result."""

    def __init__(self, look: Callable[[], Seen], interval_s: float, background: Executor) -> None:
        self._look = look
        self._interval_s = interval_s
        self._background = background
        self._running: Future[Seen] | None = None
        self._begun = -math.inf
        self.newest: Seen | None = None

    def advance(self, now: float) -> None:
        """Take what a look has found, and begin the next when it is due at monotonic `now` (s).

        Raises what the look raised.
        """
        if self._running is not None and self._running.done():
            self.newest = self._running.result()
            self._running = None
        if self._running is None and now - self._begun >= self._interval_s:
            self._begun = now
            self._running = self._background.submit(self._look)

    def is_stuck(self, now: float) -> bool:
        """Tell whether the look that runs should have ended long before monotonic `now` (s)."""
        return self._running is not None and now - self._begun > STUCK_S
