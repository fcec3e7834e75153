"""One unit's life, as a pure state machine: time is an argument, what to do is returned.

    INACTIVE -start-> WAITING -SPAWN-> ACTIVATING -READY=1-> ACTIVE <-> RELOADING
                         ^                 |                   |
                         |            exit, ABORT, KILL        | DEACTIVATING
                         +-- AUTO_RESTART <+-------------------+
                                           +-> EXITED, FAILED, or INACTIVE after a stop

Whoever owns the process calls `due` often, does the returned command, and tells what happened:
`spawned`, `spawn_failed`, `receive`, `exited`. Times are monotonic seconds.
"""

from __future__ import annotations

import math

from hems.protocols.sd_notify import Message
from hems.supervision.phases import RUNNING, UP, Command, Phase
from hems.supervision.restart import Exit, Restarts, Result, is_restarted, result_of
from hems.supervision.spec import LimitAction, Type, UnitSpec


class Unit:
    """`reason` says, for people, why the unit is in its phase; `fault` makes it fail for good."""

    def __init__(self, spec: UnitSpec, fault: str = "") -> None:
        self.spec = spec
        self.phase = Phase.INACTIVE
        self.reason = ""
        self.has_settled = False  # its first start has come to an end, good or bad
        self.is_stopped = False  # on request
        self.restarts = Restarts(spec)
        self.status = ""
        self.figures = "{}"  # JSON
        self.started_at: float | None = None
        self.pinged_at: float | None = None
        self._fault = fault
        self._is_held = False  # being stopped because what it requires was
        self._was_ready = False
        self._interruption: Result | None = None
        self._deadline = math.inf
        self._watchdog_at = math.inf
        if spec.is_autostarted:
            self.start()

    @property
    def is_running(self) -> bool:
        """Tell whether it has a process."""
        return self.phase in RUNNING

    @property
    def is_up(self) -> bool:
        """Tell whether a unit that requires this one may run."""
        is_done = self.phase is Phase.EXITED and self.spec.type is Type.ONESHOT
        return self.phase in UP or is_done

    @property
    def is_interrupted(self) -> bool:
        """Tell whether supervision is ending a process that hangs."""
        return self._interruption is not None and self.phase is Phase.DEACTIVATING

    @property
    def deadline(self) -> float:
        """Return when `due` next has something to do by itself."""
        return min(self._deadline, self._watchdog_at)

    def start(self) -> None:
        """Want it to run: on request."""
        self.is_stopped = False
        self.restarts.begin_again()
        if self._fault:
            self._enter(Phase.FAILED, self._fault)
        else:
            self._enter(Phase.WAITING)

    def stop(self, now: float) -> None:
        """Want it to end: on request. The owner sends the stop signal to a running process."""
        self.is_stopped = True
        if self.is_running:
            self._end(now)
        else:
            self._enter(Phase.INACTIVE)

    def reset_failed(self) -> None:
        """Forget past failures and starts, as `systemctl reset-failed` does."""
        self.restarts.forget()
        if self.phase is Phase.FAILED:
            self._enter(Phase.INACTIVE)

    def due(self, now: float, obstacle: str = "", hold: str = "") -> Command | None:
        """Return what is to be done now.

        `obstacle` says what a start has to wait for, `hold` which requirement was stopped.
        """
        if self.phase is Phase.AUTO_RESTART and now >= self._deadline:
            self._enter(Phase.WAITING)
        if self.phase is Phase.WAITING:
            self.reason = obstacle
            return None if obstacle else self._start_up(now)
        if hold and self.is_running and self.phase is not Phase.DEACTIVATING:
            self._is_held = True
            self._end(now, hold)
            return Command.STOP
        return self._overdue(now) if now >= self.deadline else None

    def spawned(self, now: float) -> None:
        """Record that its process runs."""
        self.started_at, self.pinged_at = now, None
        self.status, self.figures = "", "{}"
        self._was_ready = self._is_held = False
        self._interruption = None
        if self.spec.type is Type.SIMPLE:
            self._activate(now)
        else:
            self._enter(Phase.ACTIVATING, deadline=now + self.spec.start_timeout_s)

    def spawn_failed(self, why: str, now: float) -> None:
        """Record that its process could not be made."""
        self._finish(Result.RESOURCES, Exit(), why, now)

    def receive(self, message: Message, now: float) -> Command | None:
        """Take in what its process says, and return what is to be done about it."""
        if message.status is not None:
            self.status = message.status
        if message.state is not None:
            self.figures = message.state
        if message.is_alive:
            self.pinged_at = now
        if not self.is_running:
            return None
        if message.extension_s is not None:
            self._extend(now + message.extension_s)
        if self.phase is Phase.DEACTIVATING:
            return None
        if message.is_trigger:
            return self._interrupt(Result.WATCHDOG, "it asked for it (WATCHDOG=trigger)", now)
        self._follow(message, now)
        return None

    def exited(self, exit_: Exit, now: float) -> None:
        """Record that its process ended, and decide what comes next."""
        if self.is_stopped:
            self._enter(Phase.INACTIVE)
        elif self._interruption:
            self._finish(self._interruption, exit_, f"{self.reason}, {exit_}", now)
        elif self._is_held:
            self.restarts.begin_again()
            self._enter(Phase.WAITING)
        else:
            result = result_of(exit_, self.spec, was_ready=self._was_ready)
            why = f"{exit_} before READY=1" if result is Result.PROTOCOL else str(exit_)
            self._finish(result, exit_, why, now)

    def _start_up(self, now: float) -> Command | None:
        spec = self.spec
        if self.restarts.admit(now):
            return Command.SPAWN
        self._enter(
            Phase.FAILED,
            f"start limit: {spec.limit_burst} starts in {spec.limit_interval_s:.3g} s; "
            f"`supervisorctl reset-failed {spec.name}` forgets them",
        )
        return Command.EXIT if spec.limit_action is LimitAction.EXIT else None

    def _follow(self, message: Message, now: float) -> None:
        """Move on as a process that is not ending says."""
        spec = self.spec
        if message.is_stopping:
            self._end(now)
        elif message.is_reloading and self.phase is Phase.ACTIVE:
            self._enter(Phase.RELOADING, deadline=now + spec.start_timeout_s)
        elif message.is_ready and (spec.type is Type.NOTIFY or self.phase is Phase.RELOADING):
            self._activate(now)
        elif message.is_alive and self.phase in UP:
            self._watchdog_at = now + spec.watchdog_s

    def _activate(self, now: float) -> None:
        self._was_ready = True
        self._watchdog_at = now + self.spec.watchdog_s
        self._enter(Phase.ACTIVE)

    def _end(self, now: float, why: str = "") -> None:
        """Let it end within the stop time-out, or what is left of an earlier one."""
        deadline = now + self.spec.stop_timeout_s
        if self.phase is Phase.DEACTIVATING:
            deadline = min(deadline, self._deadline)
        self._enter(Phase.DEACTIVATING, why, deadline)

    def _interrupt(self, result: Result, why: str, now: float) -> Command:
        self._interruption = result
        self._enter(Phase.DEACTIVATING, why, now + self.spec.abort_timeout_s)
        return Command.ABORT

    def _extend(self, until: float) -> None:
        """Move the deadline of a start or stop, later only; an abort is not extended."""
        is_extensible = self.phase in {Phase.ACTIVATING, Phase.DEACTIVATING}
        if is_extensible and not self._interruption:
            self._deadline = max(self._deadline, until)

    def _overdue(self, now: float) -> Command | None:
        spec = self.spec
        if now >= self._watchdog_at:
            why = f"watchdog: no ping for {spec.watchdog_s:.3g} s"
            return self._interrupt(Result.WATCHDOG, why, now)
        if self.phase is Phase.ACTIVATING:
            why = f"not ready within {now - (self.started_at or now):.3g} s"
            return self._interrupt(Result.TIMEOUT, why, now)
        if self.phase is Phase.DEACTIVATING:
            self._deadline = math.inf
            return Command.KILL
        self._enter(Phase.ACTIVE)  # a reload that never reported its end
        return None

    def _finish(self, result: Result, exit_: Exit, why: str, now: float) -> None:
        """Restart, or rest in the phase that tells how the last run went."""
        if not is_restarted(result, exit_, self.spec):
            is_good = result is Result.SUCCESS
            self._enter(Phase.EXITED if is_good else Phase.FAILED, why)
            return
        run_s = 0.0 if self.started_at is None else now - self.started_at
        delay = self.restarts.schedule(why, run_s)
        self._enter(Phase.AUTO_RESTART, f"{why}; restart in {delay:.3g} s", now + delay)

    def _enter(self, phase: Phase, reason: str = "", deadline: float = math.inf) -> None:
        self.phase = phase
        self.reason = reason
        self._deadline = deadline
        if phase not in UP:
            self._watchdog_at = math.inf
        if not self.is_running:
            self.started_at = None
        if phase not in {Phase.WAITING, Phase.ACTIVATING}:
            self.has_settled = True
