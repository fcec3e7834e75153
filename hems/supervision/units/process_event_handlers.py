"""What the owner of a unit's processes reports: they start, speak and end."""

from __future__ import annotations

from hems.supervision.settings.unit_spec import NOTIFYING, UnitType
from hems.supervision.units.restart_policy import (
    ProcessExit,
    RunResult,
    control_result_of,
    result_of,
)
from hems.supervision.units.unit_lifecycle import UnitLifecycle
from hems.supervision.units.unit_phase import (
    ENDING,
    INACTIVE,
    SIGNALLED,
    STARTING,
    UP,
    UnitCommand,
    UnitPhase,
)
from hems.supervision.units.unit_transitions import UnitEvent
from hems.supervision.worker.notification_datagram import SdNotifyMessage

P, E = UnitPhase, UnitEvent


class UnitEvents(UnitLifecycle):
    """A unit whose owner calls the public methods. Times are monotonic seconds."""

    def spawned(self, now: float) -> None:
        """Record that the main process runs."""
        self.processes.has_main = True
        self.started_at, self.pinged_at = now, None
        self.status, self.metrics, self.problems = "", "{}", None
        if self.spec.type is UnitType.SIMPLE:
            self._become_ready(now)

    def executed(self, now: float) -> None:
        """Record that the main process executes its program."""
        if self.spec.type is UnitType.EXEC:
            self._become_ready(now)

    def spawn_failed(self, reason: str, now: float) -> None:
        """Record that the main process could not be created."""
        self._break(RunResult.RESOURCES, reason, now)

    def receive(self, message: SdNotifyMessage, now: float) -> None:
        """Record a notification of the process."""
        self._note(message, now)
        if not self.is_running:
            return
        if message.extension_s is not None and not self.is_interrupted:
            self._deadlines.extend(now + message.extension_s)
        if self.phase in ENDING:
            return
        if message.is_trigger:
            self._break(RunResult.WATCHDOG, "the process sent WATCHDOG=trigger", now, E.ABORT)
        else:
            self._change_phase(message, now)

    def exited(self, exit_: ProcessExit, now: float, others: int = 0) -> None:
        """Record that the main process has ended, and has left so many others to be ended."""
        run, begun, self.started_at = self.run, self.started_at, None
        if self.phase in INACTIVE:  # `break_down` has ended the run before
            return
        self.processes.has_main, self.processes.has_others = False, others > 0
        result = result_of(exit_, self.spec, was_ready=run.was_ready)
        run.main_ended(exit_, result, now - (now if begun is None else begun))
        if self.phase in SIGNALLED and others:
            self.processes.order(UnitCommand.STOP)
        elif self.phase in ENDING:
            self._signalled_ended(now)
        elif self.phase is P.START and result is RunResult.SUCCESS:
            self._go(E.DONE, now)  # Type=oneshot
        elif self.phase not in {P.START_POST, P.RELOAD}:  # they end with their commands
            self._go(self._end_event(), now, _ending(exit_, others))

    def others_ended(self, now: float) -> None:
        """Record that nothing is left of what a main process has left behind."""
        self.processes.has_others = False
        if self.phase in INACTIVE:  # `break_down` has ended the run before
            return
        if self.run.remains and self.phase is P.STOP_SIGTERM and not self.is_stopped:
            self._go(E.REMAINS, now)
        else:
            self._signalled_ended(now)

    def control_ended(self, exit_: ProcessExit, now: float) -> None:
        """Record that the control process has ended."""
        if self.phase in INACTIVE:
            return
        result = control_result_of(exit_, self.spec, is_condition=self.phase is P.CONDITION)
        self._control_left(result, str(exit_), now)

    def control_failed(self, reason: str, now: float) -> None:
        """Record that the control process could not be created."""
        self._control_left(RunResult.RESOURCES, reason, now)

    def _note(self, message: SdNotifyMessage, now: float) -> None:
        if message.status is not None:
            self.status = message.status
        if message.metrics is not None:
            self.metrics = message.metrics
        if message.problems is not None:
            self.problems = message.problems
        if message.is_alive:
            self.pinged_at = now
        if message.errno is not None:
            self.run.errno = message.errno
        if message.watchdog_s is not None:
            self._deadlines.change_watchdog(message.watchdog_s, now)

    def _change_phase(self, message: SdNotifyMessage, now: float) -> None:
        """Enter the phase that the main process reports."""
        if message.is_stopping and self.phase in UP:
            self._go(E.STOPPING, now)
            self.processes.wait()
        elif message.is_reloading and self._reloads(message):
            self._go(E.RELOADING, now)
        elif message.is_ready and self.phase is P.RELOAD_NOTIFY:
            self._go(E.DONE, now)
            self._deadlines.feed(now)
        elif message.is_ready and self.spec.type in NOTIFYING:
            self._become_ready(now)
        elif message.is_alive:
            self._deadlines.feed(now)

    def _reloads(self, message: SdNotifyMessage) -> bool:
        """Return whether RELOADING=1 is about now, not about an earlier reload."""
        if self.phase is P.RELOAD_SIGNAL:
            return message.monotonic_s is None or message.monotonic_s >= self.reloaded_at
        return self.phase is P.RUNNING

    def _become_ready(self, now: float) -> None:
        self._deadlines.feed(now)
        if self.phase is P.START:
            self.run.was_ready = True
            self._go(E.DONE, now)

    def _control_left(self, result: RunResult, reason: str, now: float) -> None:
        """Follow the end of the control process, which was successful or not."""
        command, self.processes.control = self.processes.control, None
        if self.phase in SIGNALLED:
            self._signalled_ended(now)
            return
        if result is not RunResult.SUCCESS and command and not command.may_fail:
            cause = f"{self.phase.value} {command.argv[0]}: {reason}"
            if self.phase in STARTING:
                self._break(result, cause, now)
                return
            if self.phase in ENDING:
                self.run.blame(result, cause)
        elif self.processes.run_next():
            self._deadlines.begin(now)
            return
        self._work_done(now)


def _ending(exit_: ProcessExit, others: int) -> str:
    count = "1 other process is" if others == 1 else f"{others} other processes are"
    return f"{exit_}; {count} being ended" if others else ""
