"""ChildProcess with what a process may ask for besides its phase: sd_notify(3).

It may store descriptors, which the next process gets, and name another process of the unit as the
main one.
"""

from __future__ import annotations

import os

from supervisor.medusa import asyncore_25 as asyncore

from hems.supervision.processes.after_fork import ChildStart
from hems.supervision.processes.exec_report import ExecReport
from hems.supervision.settings.notify_access import main_pid_fault
from hems.supervision.settings.unit_spec import UnitSpec, UnitType
from hems.supervision.sockets.descriptor_store import DEFAULT_NAME, DescriptorStore
from hems.supervision.sockets.unit_sockets import UnitSockets
from hems.supervision.supervisord.child_process import ChildProcess
from hems.supervision.supervisord.event_loop import Dispatcher
from hems.supervision.supervisord.main_pid_watch import MainPidWatch
from hems.supervision.supervisord.notify_socket import NotifyDatagram
from hems.supervision.worker.notification import SdNotifyMessage

SUCCESS = 0  # the status of a process that supervisord cannot wait for


class ServiceProcess(ChildProcess):
    """A subclass says what follows from the rest of a notification."""

    def __init__(
        self,
        config: object,
        spec: UnitSpec,
        child: ChildStart,
        sockets: UnitSockets,
    ) -> None:
        super().__init__(config, spec.kill, child, sockets)
        self.store = DescriptorStore(spec.notify.max_descriptors)
        self._watch: MainPidWatch | None = None
        self._is_reported = spec.type is UnitType.EXEC

    def executed(self) -> None:
        """Handle that the program runs, with Type=exec."""
        raise NotImplementedError

    def spawn_main(self) -> None:
        """Start the main process; with Type=exec wait for the report of its execve."""
        self._forget_report()
        if self._is_reported:
            self.child.report = ExecReport()
        super().spawn_main()
        if self.child.report:
            self.child.report.close_writer()
            dispatcher = Dispatcher(lambda text: self.log("error", text), self._read_report)
            asyncore.socket_map[self.child.report.reader] = dispatcher

    def passed_descriptors(self) -> list[tuple[str, int]]:
        """Return the names and descriptors that the process gets from 3 on."""
        return [*super().passed_descriptors(), *self.store.descriptors()]

    def obey(self, message: SdNotifyMessage, datagram: NotifyDatagram) -> None:
        """Store or close descriptors, and change the main process. Raises ValueError."""
        name = message.descriptor_name
        if message.is_stored:
            is_polled = not message.is_kept_unpolled
            refused = self.store.add(
                name or DEFAULT_NAME, datagram.descriptors, is_polled=is_polled
            )
            if refused:
                raise ValueError(f"FDSTORE: no room for {refused}, raise FileDescriptorStoreMax")
        elif message.is_unstored and name:
            self.store.remove(name)
        if message.main_pid is not None and message.main_pid != self.pid:
            self._change_main(message.main_pid, datagram.uid)

    def finish(self, pid: int, sts: int) -> None:
        """Record the end of the main process, or of a process that was it before MAINPID=."""
        if pid != self.pid:
            self.log("info", f"pid {pid} has ended, the main process is {self.pid}")
            return
        self._read_report()
        self._forget_report()
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        super().finish(pid, sts)

    def _read_report(self) -> None:
        is_executed = self.child.report.is_executed() if self.child.report else None
        if is_executed is not None:
            self._forget_report()
        if is_executed:
            self.executed()

    def _forget_report(self) -> None:
        if self.child.report:
            asyncore.socket_map.pop(self.child.report.reader, None)
            os.close(self.child.report.reader)
            self.child.report = None

    def _change_main(self, pid: int, sender_uid: int) -> None:
        known = self.config.options.pidhistory
        others = {one for one, process in known.items() if process is not self}
        fault = main_pid_fault(
            pid,
            supervisor=os.getpid(),
            others=others,
            is_member=self._has_member(pid),
            sender_uid=sender_uid,
        )
        if fault:
            raise ValueError(f"MAINPID: {fault}")
        try:
            watch = MainPidWatch(pid, self._main_is_gone, lambda text: self.log("error", text))
        except OSError as error:
            raise ValueError(f"MAINPID: {pid}: {error.strerror}") from None
        if self._watch is not None:
            self._watch.close()
            known.pop(self.pid, None)  # it is one of the others now
        self._watch = watch
        known[pid] = self
        self.log("info", f"the main process is {pid}, formerly {self.pid}")
        self.change_main(pid)

    def _has_member(self, pid: int) -> bool:
        """Return whether a process belongs to the run that is not its main one."""
        return self._processes is not None and pid in self._processes.group.others()

    def _main_is_gone(self) -> None:
        del self.config.options.pidhistory[self.pid]
        self.finish(self.pid, SUCCESS)
