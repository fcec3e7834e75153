"""The mechanics of a unit's life: how it goes from phase to phase until its run is finished."""

from __future__ import annotations

import math

from hems.supervision.settings.unit_spec import UnitSpec, UnitType
from hems.supervision.units.container_end import ContainerEnd, after_failure, after_success
from hems.supervision.units.restart_policy import RunResult, StartHistory, is_restarted
from hems.supervision.units.state_timestamps import StateTimestamps
from hems.supervision.units.unit_deadlines import UnitDeadlines
from hems.supervision.units.unit_phase import (
    CLOSING,
    ENDING,
    RESTING,
    SIGNALLED,
    STARTING,
    STATES,
    UP,
    HealthState,
    UnitCommand,
    UnitPhase,
)
from hems.supervision.units.unit_processes import UnitProcesses
from hems.supervision.units.unit_run import INTERRUPTIONS, UnitRun
from hems.supervision.units.unit_transitions import UnitEvent, target
from hems.supervision.worker.problem import ReportedProblem

P, E = UnitPhase, UnitEvent
_FINAL = frozenset({E.SUCCEEDED, E.FAILED, E.REFUSED})


class UnitLifecycle:
    """What is known of one unit. `reason` explains its phase to an operator."""

    def __init__(self, spec: UnitSpec) -> None:
        self.spec = spec
        self.phase = P.DEAD
        self.reason = ""
        self.has_settled = False  # its first start has ended, with success or not
        self.has_succeeded = False  # it is dead because it ended with success
        self.is_stopped = False  # on request
        self.is_held = False  # it stops, and starts again when nothing holds it any more
        self.requested_at = -math.inf  # the last start or stop on request
        self.rested_at = -math.inf  # its last end without a restart
        self._started_from = P.DEAD
        self.times = StateTimestamps()
        self.starts = StartHistory(spec)
        self.run = UnitRun()
        self.processes = UnitProcesses(spec)
        self.status = ""
        self.metrics = "{}"  # JSON
        self.problems: tuple[ReportedProblem, ...] | None = None  # None: not reported yet
        self.started_at: float | None = None
        self.pinged_at: float | None = None
        self.reloaded_at = -math.inf  # the last reload on request
        self.trigger: dict[str, str] = {}  # the variables of the unit that started this one
        self.container_end: ContainerEnd | None = None  # what UnitCommand.EXIT asks for
        self._deadlines = UnitDeadlines(spec)

    @property
    def state(self) -> HealthState:
        """Return the state in the words for operators."""
        return HealthState.EXITED if self.has_succeeded else STATES[self.phase]

    @property
    def is_running(self) -> bool:
        """Return whether the unit has a process."""
        return self.processes.is_any

    @property
    def _is_started(self) -> bool:
        return self.phase in STARTING or self.phase in UP

    @property
    def is_up(self) -> bool:
        """Return whether a unit that requires this one may run."""
        is_done = self.has_succeeded and self.spec.type is UnitType.ONESHOT
        return self.phase in UP or is_done

    @property
    def is_interrupted(self) -> bool:
        """Return whether supervision is ending a process that hangs."""
        return self.phase in ENDING and self.run.result in INTERRUPTIONS

    def _start_up(self, now: float) -> None:
        if self.starts.admit(now):
            self.run = UnitRun()
            self.is_held = False
            self._go(E.ADMITTED, now)
            return
        if self.run.result is not RunResult.START_LIMIT_HIT:
            cause = self._start_limit(self.run.cause)
            self.run = UnitRun(RunResult.START_LIMIT_HIT, cause, self.run.exit)
        self._go(E.REFUSED, now, self.run.cause)

    def _start_limit(self, last: str) -> str:
        """Return why no further start is allowed; `last` is how the last run ended."""
        spec = self.spec
        limit = f"start limit: {spec.limit_burst} starts in {spec.limit_interval_s:.3g} s"
        ended = f", the last ended with {last}" if last else ""
        return (
            f"{limit}{ended}; correct the cause (its log may say more), then reset-failed and start"
        )

    def _break(
        self, result: RunResult, cause: str, now: float, event: UnitEvent = E.BROKEN
    ) -> None:
        """End what is left of the run, because of a failure."""
        self.run.blame(result, cause)
        self._go(event, now, cause)

    def _end(self, now: float, reason: str = "") -> None:
        """Stop whatever the unit does; do not give a stop that has begun more time."""
        if self.phase in {P.STOP_SIGKILL, P.FINAL_SIGKILL}:
            self.processes.order(UnitCommand.KILL)
        elif self.phase in ENDING:
            self._deadlines.shorten(now)
        elif self.phase not in RESTING:
            self._go(E.STOP, now, reason)

    def _work_done(self, now: float) -> None:
        """Leave a phase that has nothing left to do."""
        if self.phase in CLOSING:
            self._finish(now)
        elif self.phase in {P.START_POST, P.RELOAD} and not self.processes.has_main:
            self._go(self._end_event(), now)
        else:
            self._go(E.DONE, now, self.reason)

    def _signalled_ended(self, now: float) -> None:
        if self.phase in SIGNALLED and not self.is_running:
            self._work_done(now)

    def _finish(self, now: float) -> None:
        """Restart later, or stay in the phase that shows how the run ended."""
        run = self.run
        if self.is_stopped:
            self._go(E.SUCCEEDED, now)
        elif self.is_held:
            self.starts.reset_delay()
            self._go(E.START, now)
        elif is_restarted(run.result, run.exit, self.spec):
            delay_s = self.starts.schedule(run.cause, run.seconds, now)
            self._go(E.RESTART, now, f"{run.cause}; restart in {delay_s:.3g} s")
            self._deadlines.phase_at = now + delay_s
        elif run.result in {RunResult.SUCCESS, RunResult.EXEC_CONDITION}:
            self._go(E.SUCCEEDED, now, run.cause)
            self.has_succeeded = True
        else:
            self._go(E.FAILED, now, run.cause)

    def _go(self, event: UnitEvent, now: float, reason: str = "") -> None:
        before, self.phase = self.phase, target(self.phase, event)
        self.times.enter(before, self.phase, now)
        self.reason = reason
        self.has_succeeded = False
        if event is E.START:
            self._started_from = before
        self._deadlines.enter(self.phase, now)
        if self.phase not in STARTING and self.phase is not P.WAITING:
            self.has_settled = True
        if not self.processes.begin(self.phase):
            self._work_done(now)
        if event in _FINAL:
            has_failed_again = event is E.REFUSED and self._started_from is P.FAILED
            self._rest(now, is_news=not has_failed_again)

    def break_down(self, cause: str, now: float) -> None:
        """Fail, whatever the phase is: the state machine itself has made a mistake.

        The owner kills the processes. When they end, nothing follows.
        """
        before, self.phase, self.reason = self.phase, P.FAILED, cause
        self.run = UnitRun(RunResult.SUPERVISION, cause, self.run.exit)
        self.has_settled, self.has_succeeded, self.is_held = True, False, False
        self.times.enter(before, self.phase, now)
        self._deadlines.enter(self.phase, now)
        self.processes = UnitProcesses(self.spec)
        self._rest(now, is_news=True)

    def _rest(self, now: float, *, is_news: bool) -> None:
        """Order what follows from an end without a restart.

        It is no news that a unit has failed whose start was refused after a failure. Two units that
        start each other in that case would go on for ever.
        """
        self.rested_at = now
        if is_news and (self.spec.on_failure or self.spec.on_success):
            self.processes.order(UnitCommand.TRIGGER)
        after = after_failure if self.phase is P.FAILED else after_success
        self.container_end = after(self.spec.actions, self.run)
        if self.container_end:
            self.processes.order(UnitCommand.EXIT)

    def _end_event(self) -> UnitEvent:
        if self.run.result is not RunResult.SUCCESS:
            return E.BROKEN
        if not self.spec.remains_after_exit:
            return E.ENDED
        self.run.remains = self.processes.has_others
        return E.BROKEN if self.run.remains else E.REMAINS
