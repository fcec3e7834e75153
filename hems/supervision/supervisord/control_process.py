"""A command of a unit beside its main process: ExecStartPre and the like.

supervisord knows one process for each program. This one is another Subprocess, which is in no
process group of supervisord: its outputs are in the map of sockets that the loop polls, and it has
no state that anybody sees. supervisord reaps it by its pid, as any other.
"""

from __future__ import annotations

import copy
import shlex
from collections.abc import Callable, Mapping

from supervisor.medusa import asyncore_25 as asyncore

from hems.supervision.processes import credentials
from hems.supervision.processes.child_start import ChildStart
from hems.supervision.settings.exec_command import ExecCommand
from hems.supervision.settings.process_settings import PrivilegeSettings
from hems.supervision.supervisord.supervised_subprocess import ChildEvents, ChildProcess
from hems.supervision.units.restart_policy import ProcessExit


class ControlProcess(ChildProcess):
    """One run of `command` in the `phase` of the unit whose process is `main`.

    It has the unit's settings, but no sockets. The first callback is called before it is reaped,
    the second when it and its children have ended.
    """

    def __init__(
        self,
        main: ChildProcess,
        command: ExecCommand,
        variables: Mapping[str, str],
        phase: str,
        callbacks: tuple[Callable[[], None], Callable[[ProcessExit], None]],
    ) -> None:
        config = copy.copy(main.config)
        config.environment = {**config.environment, **variables}
        config.environment["SUPERVISOR_PROCESS_NAME"] = config.name
        config.environment.pop("WATCHDOG_USEC", None)
        config.command = shlex.join(command.argv)
        config.name = f"{config.name}/{phase}"
        folder = credentials.folder_of_control(main.child.process.credentials)
        start = main.child.process._replace(credentials=folder)
        if command.is_privileged:
            config.uid = None
            privileged = start.settings._replace(privileges=PrivilegeSettings())
            start = start._replace(user=None, settings=privileged)
        tell = ChildEvents(self._main_has_ended, self._others_have_ended, main.tell.fault)
        child = ChildStart(start, main.child.packages, arguments=command.expanded)
        super().__init__(config, main.kill_settings, child, tell)
        self.group = main.group
        self._before_end, self._on_end = callbacks
        self._polled: tuple[int, ...] = ()
        self._exit = ProcessExit()

    def begin(self) -> bool:
        """Start the command; return False if this failed, for the reason in `spawnerr`."""
        self.spawn_main()
        self._polled = tuple(self.dispatchers)
        asyncore.socket_map.update(self.dispatchers)
        return bool(self.pid)

    def reaped(self, pid: int, sts: int) -> None:
        """Handle its last words, and that it was reaped."""
        self._before_end()
        super().reaped(pid, sts)

    def change_state(self, new_state: int, expected: bool = True) -> bool:  # noqa: ARG002
        """Follow supervisord without an event: the state of the unit is another one."""
        self.state = new_state
        return True

    def _main_has_ended(self, exit_: ProcessExit, others: int) -> None:
        """End at once what the command has left; `finish_run` is called until none is left."""
        self._exit = exit_
        if others:
            self.stop_processes()
        else:
            self._others_have_ended()

    def _others_have_ended(self) -> None:
        for descriptor in self._polled:
            asyncore.socket_map.pop(descriptor, None)
        credentials.remove(self.child.process.credentials)
        self._on_end(self._exit)
