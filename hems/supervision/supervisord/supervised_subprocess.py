"""A process of a unit: supervisord's Subprocess, from its start to the end of its descendants.

It starts as the unit's directives say (processes/child_start.py) and ends as KillMode says. A run
is over once none of them is left. Until then `pid` is that of a main process that may have ended
and been reaped: nothing signals it any more, and `main_pid` is 0.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import NamedTuple

from supervisor.process import Subprocess
from supervisor.states import ProcessStates

from hems.supervision.processes import run_members
from hems.supervision.processes.child_signals import late_signals
from hems.supervision.processes.child_start import ChildStart
from hems.supervision.processes.kill_sequence import KillSequence
from hems.supervision.processes.run_members import RunMembers
from hems.supervision.settings.kill_directives import KillSettings
from hems.supervision.supervisord.unit_output import UnitOutput
from hems.supervision.units.preparation_exit_statuses import STATUSES
from hems.supervision.units.restart_policy import ProcessExit


class ChildEvents(NamedTuple):
    """Whom a process tells what happens to it.

    `main_ended` receives how the main process has ended, and how many others have to be ended;
    `others_ended`, that none of these is left; `fault`, that an exception is being handled: a
    mistake in supervision itself.
    """

    main_ended: Callable[[ProcessExit, int], None]
    others_ended: Callable[[], None]
    fault: Callable[[], None]


class ChildProcess(Subprocess):  # type: ignore[misc]  # supervisor has no types
    """One process with its descendants; `tell` follows what happens to it."""

    def __init__(
        self, config: object, settings: KillSettings, child: ChildStart, tell: ChildEvents
    ) -> None:
        super().__init__(config)
        self.child = child
        self.tell = tell
        self.config.stopasgroup = self.config.killasgroup = False  # KillMode decides
        self.config.stopsignal = settings.signal or self.config.stopsignal
        self.kill_settings = settings
        self._processes: KillSequence | None = None  # of the current run
        self._status: int | None = None  # of a main process that has ended before others
        self._lingers = False  # this was said

    def log(self, level: str, text: str) -> None:
        """Write a line about the unit to supervisord's log."""
        getattr(self.config.options.logger, level)(f"{self.child.process.unit}: {text}")

    @property
    def main_pid(self) -> int:
        """Return the pid of the main process, 0 if it has ended."""
        return int(self.pid) if self._status is None else 0

    def spawn_main(self) -> None:
        """Start the main process with an INVOCATION_ID of its own."""
        invocation_id = run_members.new_invocation_id()
        self.config.environment[run_members.VARIABLE] = invocation_id
        with late_signals():
            super().spawn()
        if not self.pid:  # its pipes are closed: their numbers may soon be other files'
            self.dispatchers, self.pipes = dict[int, object](), dict[str, object]()
        else:
            known = self.config.options.pidhistory
            group = RunMembers(self.pid, invocation_id, lambda: known)
            self._processes = KillSequence(self.kill_settings, self.config.stopsignal, group)

    @property
    def uid(self) -> int:
        """Return the user that the process runs as."""
        return self.child.process.uid()

    def set_uid(self) -> None:
        """Do nothing: the user changes after all that only root may do."""

    def _prepare_child_fds(self) -> None:
        self.config.options.minfds = 0  # `take_descriptors` closes whatever else is open
        super()._prepare_child_fds()
        self.child.take_descriptors(self.config.environment)

    def _spawn_as_child(self, filename: str, argv: list[str]) -> None:
        """Become the program. This never returns: the child would be a second supervisord."""
        options = self.config.options
        try:
            options.execve = self.child.in_place_of(options.execve, argv, self.config.environment)
            super()._spawn_as_child(filename, argv)
        except BaseException:  # noqa: BLE001 - see above
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(STATUSES["EXEC"])

    def _spawn_as_parent(self, pid: int) -> int:
        """Make the process group in the parent too: a stop may come before the child runs."""
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it has ended, or executed
            os.setpgid(pid, pid)
        return int(super()._spawn_as_parent(pid))

    def change_main(self, pid: int) -> None:
        """Take another process as the main one."""
        self.pid = pid
        if self._processes is not None:
            self._processes.group.main = pid

    def owns_orphan(self, pid: int) -> bool:
        """Return whether an orphan belongs to the run."""
        return self._processes is not None and self._processes.group.owns(pid)

    def has_member(self, pid: int) -> bool:
        """Return whether a process belongs to the run that is not its main one."""
        return self._processes is not None and pid in self._processes.group.others()

    def stop_processes(self) -> None:
        """Send the stop signal. supervisord logs an error."""
        processes = self._processes
        if processes is None:
            return
        if self._status is None:
            processes.look()
            super().stop()
        processes.stop(time.monotonic())
        if self._status is None:
            for number in processes.stop_signals[1:]:
                with contextlib.suppress(OSError):
                    os.kill(self.pid, number)

    def kill_processes(self) -> None:
        """Kill what did not end in time."""
        if self.kill_settings.sends_kill:
            self.send(self.kill_settings.final_signal)
        if self._processes is not None:
            self._processes.kill(time.monotonic())

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the main process without changing supervisord's state."""
        if self._status is not None or not self.pid:  # 0 would be supervisord's own group
            return
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return
        except OSError as error:
            self.log("error", f"{number.name} to pid {self.pid}: {error}")
        else:
            self.log("warn", f"sent {number.name} to pid {self.pid}")

    def kill(self, sig: int) -> str | None:
        """Signal the main process as supervisord does, unless it has ended before others."""
        if self._status is None:
            error: str | None = super().kill(sig)
            return error
        self.killing = True
        self.change_state(ProcessStates.STOPPING)
        return None

    def signal(self, sig: int) -> str | None:
        """Signal the main process on request; supervisord expects an error message, or None."""
        if self._status is not None:
            return "its main process has ended"
        error: str | None = super().signal(sig)
        return error

    def drain(self) -> None:
        """Take the last output of a process that has ended."""
        super().drain()
        for dispatcher in self.dispatchers.values():
            if isinstance(dispatcher, UnitOutput):
                dispatcher.end()

    def finish(self, pid: int, sts: int) -> None:
        """Record that a process was reaped, with this status of waitpid(2).

        supervisord catches nothing here: an exception would end it, and every unit with it.
        """
        try:
            self.reaped(pid, sts)
        except Exception:  # noqa: BLE001 - see above
            if pid == self.pid:
                self._status = sts  # `finish_run` ends the run
            self.tell.fault()

    def reaped(self, _pid: int, sts: int) -> None:
        """Handle that the main process was reaped."""
        self._status = sts
        if self._processes and (others := self._processes.main_ended()):
            self._lingers = True
            self.tell.main_ended(ProcessExit.from_status(sts), others)
        self.finish_run()

    def finish_run(self) -> None:
        """End the run if its main process has ended and no other is left."""
        if self._status is None:
            return
        if self._processes and self._processes.remaining(time.monotonic()):
            return
        status, lingers = self._status, self._lingers
        self._status, self._processes, self._lingers = None, None, False
        # What super().finish() expects: kill() may have failed, or the unit stopped by itself.
        self.state = ProcessStates.STOPPING if self.killing else ProcessStates.RUNNING
        try:
            super().finish(self.pid, status)
        finally:  # the kernel may give the pid to another process
            self.pid = 0
        if lingers:
            self.tell.others_ended()
        else:
            self.tell.main_ended(ProcessExit.from_status(status), 0)
