"""The life of one unit as a pure state machine: time is an argument, commands are returned.

unit_transitions.py is the table of all transitions. The owner of the processes reports what happens
to them, calls `advance` at each `deadline` and often besides, and then carries out what
`processes.next_command` returns, until there is nothing left. Times are monotonic seconds.
"""

from __future__ import annotations

import math

from hems.supervision.settings.unit_spec import UnitSpec, UnitType
from hems.supervision.units.process_event_handlers import UnitEvents
from hems.supervision.units.restart_policy import (
    RunResult,
)
from hems.supervision.units.unit_phase import (
    ENDING,
    RESTING,
    UP,
    UnitCommand,
    UnitPhase,
)
from hems.supervision.units.unit_run import UnitRun
from hems.supervision.units.unit_transitions import UnitEvent

P, E = UnitPhase, UnitEvent


class Unit(UnitEvents):
    """One unit. With a `fault` every start fails."""

    def __init__(self, spec: UnitSpec, fault: str = "") -> None:
        super().__init__(spec)
        self.fault = fault
        if spec.is_autostarted:
            self.start(0.0)

    @property
    def deadline(self) -> float:
        """Return the time at which `advance` does something by itself."""
        return self._deadlines.next

    def start(self, now: float) -> None:
        """Start on request, as soon as no obstacle is left."""
        self.is_stopped, self.requested_at, self.trigger = False, now, {}
        self.starts.reset_delay()
        if self.phase in RESTING or self.phase is P.AUTO_RESTART:
            if self.fault:
                self.refuse(self.fault, now)
            else:
                self._go(E.START, now)
        elif self.phase in ENDING:
            self.is_held = True

    def refuse(self, reason: str, now: float) -> None:
        """Fail instead of a start."""
        self._go(E.START, now)
        self.run = UnitRun(RunResult.RESOURCES, reason)
        self._go(E.REFUSED, now, reason)

    def stop(self, now: float) -> None:
        """Stop on request: now, or when `advance` finds no obstacle to the stop of a process."""
        self.is_stopped, self.requested_at = True, now
        self.has_succeeded = self.is_held = False
        if not self._is_started:
            self._end(now)

    def reload(self, now: float) -> str:
        """Reload on request. Return why that is not possible, or nothing."""
        if self.phase is not P.RUNNING:
            return f"it is {self.state.value}, expected active"
        if self.spec.type is UnitType.NOTIFY_RELOAD:
            self.reloaded_at = now
            self._go(E.RELOAD_BY_SIGNAL, now)
        elif self.spec.exec.reload:
            self._go(E.RELOAD, now)
        else:
            return "it cannot reload: it has neither Type=notify-reload nor ExecReload"
        return ""

    def may_start(self, now: float) -> bool:
        """Return whether a start without a request is within RestartSec and the start limit."""
        is_due = now >= self.rested_at + self.spec.restart_s
        return is_due and not self.starts.is_full(now)

    def reset_failed(self) -> None:
        """Forget past failures and starts, as `systemctl reset-failed` does."""
        self.starts.forget()
        if self.phase is P.FAILED:
            self._go(E.RESET, 0.0)

    def monitored(self) -> dict[str, str]:
        """Return the variables of a unit that starts because of this one's end: systemd.exec(5)."""
        variables = {f"MONITOR_{name}": text for name, text in self.run.environment(0).items()}
        return {**variables, "MONITOR_UNIT": self.spec.name}

    def postpone(self, delay_s: float) -> None:
        """Give back time in which supervisord could not run: it counts against nobody."""
        self._deadlines.postpone(delay_s)

    def advance(
        self, now: float, obstacle: str = "", hold: str = "", stop_obstacle: str = ""
    ) -> None:
        """Do what is due by itself.

        `obstacle` says what a start has to wait for, `hold` why the unit has to stop until there
        is no such reason, and `stop_obstacle` what a stop has to wait for.
        """
        if now >= self.deadline:
            self._overdue(now)
        if self.phase is P.WAITING:
            self.reason = obstacle
            if not obstacle:
                self._start_up(now)
        elif (self.is_stopped or hold) and not stop_obstacle and self._is_started:
            self.is_held = not self.is_stopped
            self._end(now, hold)

    def _overdue(self, now: float) -> None:
        if self.phase is P.AUTO_RESTART:
            self._go(E.START, now)
        elif now >= self._deadlines.watchdog_at:
            reason = f"watchdog: no ping for {self._deadlines.watchdog_s:.3g} s"
            self._break(RunResult.WATCHDOG, reason, now, E.ABORT)
        elif now >= self._deadlines.run_until:
            reason = f"RuntimeMaxSec: it has run for {now - (self.started_at or now):.3g} s"
            self._break(RunResult.TIMEOUT, reason, now, E.STOP)
        elif self.phase is P.RELOAD:
            self.reason = "reload has not ended in time"
            self._deadlines.phase_at = math.inf
            self.processes.order(UnitCommand.KILL_CONTROL)
        elif self.phase in UP:
            self._go(E.DONE, now, f"{self.phase.value} has not ended in time")
        else:
            event, reason = self._deadlines.overdue(now)
            self._break(RunResult.TIMEOUT, reason, now, event)
