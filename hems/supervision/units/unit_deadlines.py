"""The deadlines of one unit, of its phase and of its watchdog, and what follows from each."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from hems.supervision.settings.unit_spec import NOTIFYING, TimeoutMode, UnitSpec
from hems.supervision.units.unit_phase import ENDING, RELOADING, STARTING, UnitPhase
from hems.supervision.units.unit_transitions import UnitEvent

P, E = UnitPhase, UnitEvent
_WATCHED = RELOADING | {P.RUNNING}
_GENTLE = frozenset({P.STOP_SIGTERM, P.FINAL_SIGTERM})
_STOPPING = _GENTLE | {P.STOP, P.STOP_POST}
_ABORTING = frozenset({P.STOP_WATCHDOG, P.FINAL_WATCHDOG})
_MODES = {
    TimeoutMode.TERMINATE: E.TERMINATE,
    TimeoutMode.ABORT: E.ABORT,
    TimeoutMode.KILL: E.KILL,
}

NO_READY = "its process has not sent READY=1"
MAX_POSTPONEMENTS = 10  # in a row: a process that hangs is found even if the loop is always late


class UnitDeadlines:
    """Monotonic seconds, math.inf for never."""

    def __init__(self, spec: UnitSpec, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self.phase_at = math.inf
        self.watchdog_at = math.inf
        self.run_until = math.inf
        self.watchdog_s = spec.watchdog_s  # WATCHDOG_USEC= may change it until the next start
        self._spec = spec
        self._phase = P.DEAD
        self._began_at = 0.0
        self._postponements = 0  # without a sign of life

    @property
    def next(self) -> float:
        return min(self.phase_at, self.watchdog_at, self.run_until)

    def enter(self, phase: UnitPhase, now: float) -> None:
        """Begin a phase with its own time-out."""
        if phase is P.START:
            self.watchdog_s = self._spec.watchdog_s
        if phase is P.RUNNING and self._phase not in _WATCHED:
            self.watchdog_at = now + self.watchdog_s
            extra_s = self._spec.runtime_extra_s * self._chance()
            self.run_until = now + self._spec.runtime_max_s + extra_s
        elif phase not in _WATCHED:
            self.watchdog_at = self.run_until = math.inf
        self._phase, self._postponements = phase, 0
        self.begin(now)

    def begin(self, now: float) -> None:
        """Begin what the phase does, or its next command: each has the phase's time-out."""
        self._began_at = now
        self.phase_at = now + self._limit_s(self._phase)

    def feed(self, now: float) -> None:
        """Record that the main process works."""
        self._postponements = 0
        if self._phase in _WATCHED:
            self.watchdog_at = now + self.watchdog_s

    def change_watchdog(self, watchdog_s: float, now: float) -> None:
        """Expect a sign of life every `watchdog_s` seconds from now on; 0: never."""
        self.watchdog_s = watchdog_s or math.inf
        self.feed(now)

    def postpone(self, delay_s: float) -> None:
        """Give back the time in which supervisord could not run, and some more for lost pings.

        A ping that is lost is followed by the next one after half of WatchdogSec.
        """
        self._postponements += 1
        if self._postponements > MAX_POSTPONEMENTS:
            return
        self.watchdog_at += delay_s + min(delay_s, self.watchdog_s / 4)
        if self._phase in STARTING | RELOADING | ENDING:
            self.phase_at += delay_s

    def shorten(self, now: float) -> None:
        """End the phase after the stop time-out at the latest."""
        self.phase_at = min(self.phase_at, now + self._spec.stop_timeout_s)

    def extend(self, until: float) -> None:
        """Postpone the end of a start, of a run or of a stop, but not of an abort."""
        if self._phase in STARTING | _STOPPING:
            self.phase_at = max(self.phase_at, until)
        self.run_until = max(self.run_until, until)

    def overdue(self, now: float) -> tuple[UnitEvent, str]:
        """Return what follows when the phase takes too long, and the reason."""
        spec, phase = self._spec, self._phase
        if phase in STARTING:
            what = "not ready" if phase is P.START else f"{phase.value} has not ended"
            reason = f"{what} within {now - self._began_at:.3g} s (TimeoutStartSec)"
            if phase is P.START and spec.type in NOTIFYING:
                reason += f": {NO_READY}"
            return _MODES[spec.start_failure_mode], reason
        return self._harder(), f"{phase.value} has not ended within {now - self._began_at:.3g} s"

    def _harder(self) -> UnitEvent:
        """Return what follows after a step of the stop that took too long."""
        mode = _MODES[self._spec.stop_failure_mode]
        if self._phase not in _GENTLE:
            return E.KILL if self._phase in _ABORTING else mode
        return E.ABORT if mode is E.ABORT else E.KILL

    def _limit_s(self, phase: UnitPhase) -> float:
        if phase in STARTING or phase in RELOADING:
            return self._spec.start_timeout_s
        if phase in _STOPPING:
            return self._spec.stop_timeout_s
        return self._spec.abort_timeout_s if phase in _ABORTING else math.inf
