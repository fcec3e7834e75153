"""Keep systemd's order of events in each round of supervisord's loop.

supervisord polls, handles descriptors, judges deadlines (transition) and reaps processes. A poll
whose time ran out during an interruption reports no descriptor at all (CPython, PEP 475). So the
inbox is read before the first deadline is judged, and before each reaped process is recorded: its
last words count. All deadlines of a round are judged by the time at which the inbox was read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from hems.supervision.units.loop_delay_detector import LoopDelayDetector

POLL_S = 1.0  # the longest poll of supervisord's loop


class LoopRound:
    """`read_inbox` reads the notifications, `postpone` adds seconds to all units' deadlines."""

    def __init__(
        self,
        supervisord: Any,
        read_inbox: Callable[[], None],
        postpone: Callable[[float], None],
    ) -> None:
        self._supervisord = supervisord
        self._read_inbox = read_inbox
        self._postpone = postpone
        self._delays = LoopDelayDetector()
        self._began_at: float | None = None

    def begin(self) -> float:
        """Return the monotonic time by which deadlines are judged; the inbox has been read then.

        Signals come first: after SIGTERM no unit starts.
        """
        if self._began_at is None:
            self._began_at = time.monotonic()
            if delay_s := self._delays.wake(self._began_at):
                self._postpone(delay_s)
            self.handle_signals()
            self._read_inbox()
        return self._began_at

    def end(self, now: float, next_deadline: float) -> None:
        """Record at monotonic `now` (s) that the loop polls until `next_deadline` at the latest."""
        self._began_at = None
        if delay_s := self._delays.wait(now, min(next_deadline, now + POLL_S)):
            self._postpone(delay_s)

    def handle_signals(self) -> None:
        """Handle what supervisord has received."""
        while self._supervisord.options.signal_receiver._signals_recvd:  # noqa: SLF001
            self._supervisord.handle_signal()
