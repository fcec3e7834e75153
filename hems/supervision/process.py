"""One unit's process: supervisord's Subprocess, driven by the unit's state machine.

supervisord's own decisions (startsecs, startretries, linear back-off, wall-clock deadlines) are
replaced, the same way its FastCGISubprocess extends it; making pipes, forking, reaping, logging and
events stay its own. supervisord's state follows the unit's phase: see _STATES.
"""

from __future__ import annotations

import copy
import math
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from supervisor.process import Subprocess
from supervisor.states import ProcessStates, SupervisorStates

from hems.protocols.sd_notify import Message
from hems.supervision import ordering
from hems.supervision.phases import Command, Phase
from hems.supervision.preload import Preload, become, entitle
from hems.supervision.programs import matching
from hems.supervision.restart import Exit
from hems.supervision.spec import Type
from hems.supervision.units import Unit

_STATES = {
    Phase.INACTIVE: ProcessStates.STOPPED,
    Phase.WAITING: ProcessStates.BACKOFF,  # or STARTING while there is hope: see _state
    Phase.ACTIVATING: ProcessStates.STARTING,
    Phase.ACTIVE: ProcessStates.RUNNING,
    Phase.RELOADING: ProcessStates.RUNNING,
    Phase.AUTO_RESTART: ProcessStates.BACKOFF,
    Phase.EXITED: ProcessStates.EXITED,
    Phase.FAILED: ProcessStates.FATAL,
}
_HANDLED = frozenset(  # by supervisord and the timer
    {
        signal.SIGTERM,
        signal.SIGINT,
        signal.SIGQUIT,
        signal.SIGHUP,
        signal.SIGCHLD,
        signal.SIGUSR2,
        signal.SIGALRM,
    }
)
_TROUBLE = frozenset({ProcessStates.BACKOFF, ProcessStates.FATAL})


class Host(Protocol):
    """What a process needs from the supervision around it."""

    def units(self) -> Mapping[str, Unit]: ...
    def kick(self) -> None: ...


class UnitProcess(Subprocess):  # type: ignore[misc]  # supervisor has no types
    """Replaces `plain`, which has never run."""

    spawnerr: str | None  # why it does not run, for supervisorctl

    def __init__(
        self, plain: Subprocess, unit: Unit, host: Host, notify_socket: Path, preload: Preload
    ) -> None:
        config = copy.copy(plain.config)  # the group's own stays as it was read: see `reread`
        config.environment = {**config.environment, "NOTIFY_SOCKET": str(notify_socket)}
        config.environment.pop("UNIT", None)
        if unit.spec.watchdog_s < math.inf:
            config.environment["WATCHDOG_USEC"] = str(round(unit.spec.watchdog_s * 1e6))
        config.startsecs = 0  # supervisord never calls an exit too quick
        super().__init__(config)
        self.group = plain.group
        self.unit = unit
        self._host = host
        self._preload = preload
        self._shown = (Phase.INACTIVE, "", int(ProcessStates.STOPPED))

    @property
    def uid(self) -> int:
        """Return the user that it runs as."""
        return os.getuid() if self.config.uid is None else int(self.config.uid)

    def spawn(self) -> int | None:
        """Start on request, with what it requires. What stands in the way is in `spawnerr`."""
        if self.pid:
            return None  # still ending
        self.spawnerr = None
        for unit in ordering.pulled_in(self.unit, self._host.units()):
            unit.start()
        self.transition()
        return self.pid or None

    def stop(self) -> str | None:
        """Stop on request. Return supervisord's complaint, if it has one."""
        self.unit.stop(time.monotonic())
        complaint: str | None = super().stop() if self.pid else None
        self._show()
        return complaint

    def give_up(self) -> None:
        """Forget a start that is due: the supervision ends."""
        self.stop()

    def transition(self) -> None:
        """Do what is due: supervisord calls this in every round of its loop."""
        spec, units = self.unit.spec, self._host.units()
        obstacle, hold = ordering.obstacle(spec, units), ordering.hold(spec, units)
        if self.config.options.mood < SupervisorStates.RUNNING:
            obstacle, hold = "supervisord is shutting down", ""
        self._do(self.unit.due(time.monotonic(), obstacle, hold))
        self._show()

    def notify(self, message: Message) -> None:
        """Take in what the process says."""
        self._do(self.unit.receive(message, time.monotonic()))
        self._show()

    def finish(self, pid: int, sts: int) -> None:
        """Record that the process was reaped with this status of waitpid(2)."""
        if self.config.killasgroup:
            self._kill(-pid, signal.SIGKILL)  # what it left behind
        if self.get_state() == ProcessStates.UNKNOWN:
            self.state = ProcessStates.RUNNING  # a signal had failed; the base expects no such end
        super().finish(pid, sts)
        self.unit.exited(Exit.from_status(sts), time.monotonic())
        self._show()

    def _spawn_as_child(self, filename: str, argv: list[str]) -> None:
        """Become the program; a stop that comes before that is not swallowed by our handlers."""
        for number in _HANDLED:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
        options, passed = self.config.options, self.unit.spec.pass_environment
        if passed:  # a fork would hold what it is not to have
            own = (*self.config.environment, *passed, "SUPERVISOR_*")
            execve = options.execve
            options.execve = lambda file, argv, env: execve(file, argv, matching(env, own))
        elif main := self._preload.main(argv):
            entitle(argv)  # while it may: another user's memory is not its own
            options.execve = lambda _file, _argv, env: become(main, argv, env)
        super()._spawn_as_child(filename, argv)

    def _do(self, command: Command | None) -> None:
        match command:
            case Command.SPAWN:
                self._start()
            case Command.STOP:
                super().stop()
            case Command.ABORT:
                self._show()  # the reason first
                self._kill(self.pid, signal.SIGABRT)
            case Command.KILL:
                self._kill(-self.pid, signal.SIGKILL)
                self._kill(self.pid, signal.SIGKILL)  # it may not lead its group yet
            case Command.EXIT:
                self._say("critical", "StartLimitAction=exit ends supervisord")
                self.config.options.mood = SupervisorStates.SHUTDOWN

    def _start(self) -> None:
        self.state = ProcessStates.STOPPED  # what the base expects; waiting may have been STARTING
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
        try:
            super().spawn()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if self.pid:
            self.unit.spawned(time.monotonic())
        else:
            self.unit.spawn_failed(str(self.spawnerr), time.monotonic())

    def _kill(self, target: int, number: signal.Signals) -> None:
        """Send a signal without changing supervisord's state. A negative target is a group."""
        try:
            os.kill(target, number)
        except ProcessLookupError:
            return
        except OSError as error:
            self._say("error", f"{number.name} to pid {target}: {error}")
        else:
            self._say("warn", f"sent {number.name} to pid {target}")

    def _show(self) -> None:
        """Bring supervisord's state and log up to the unit's phase."""
        unit, state = self.unit, self._state()
        if state in _TROUBLE:
            self.spawnerr = unit.reason
        shown = (unit.phase, unit.reason, state)
        if shown == self._shown:
            return
        self._shown = shown
        self.change_state(state)
        self._log()
        self._host.kick()

    def _state(self) -> int:
        """Return supervisord's state for the unit's phase."""
        unit = self.unit
        if unit.phase is Phase.WAITING and ordering.is_imminent(unit, self._host.units()):
            return int(ProcessStates.STARTING)  # `supervisorctl start` waits for it
        if unit.phase is Phase.ACTIVATING and unit.spec.type is Type.ONESHOT:
            return int(ProcessStates.RUNNING)  # `supervisorctl start` does not wait for its end
        # DEACTIVATING has none: supervisord says STOPPING, but only if it was asked to stop.
        return int(_STATES.get(unit.phase, self.get_state()))

    def _log(self) -> None:
        unit = self.unit
        text = f"{unit.phase.value}: {unit.reason}" if unit.reason else unit.phase.value
        if unit.phase is Phase.FAILED or unit.is_interrupted:
            self._say("error", text)
        elif unit.phase is Phase.AUTO_RESTART:
            self._say("warn", text)
        elif unit.reason or unit.phase is Phase.ACTIVE:
            self._say("info", text)

    def _say(self, level: str, text: str) -> None:
        getattr(self.config.options.logger, level)(f"{self.unit.spec.name}: {text}")
