"""What a process may ask for besides its phase: sd_notify(3).

It may store descriptors, which the next process gets, and name another process of the unit as the
main one.
"""

from __future__ import annotations

import os

from hems.supervision.settings.notify_access import main_pid_fault
from hems.supervision.sockets.descriptor_store import DEFAULT_NAME, DescriptorStore
from hems.supervision.supervisord.main_pid_watch import MainPidWatch
from hems.supervision.supervisord.notify_socket import NotifyDatagram
from hems.supervision.supervisord.supervised_subprocess import ChildProcess
from hems.supervision.worker.notification_datagram import SdNotifyMessage

SUCCESS = 0  # the status of a process that supervisord cannot wait for


class NotifyRequests:
    """The requests of the main `process` of a unit, whose descriptors are in `store`."""

    def __init__(self, process: ChildProcess, store: DescriptorStore) -> None:
        self._process = process
        self._store = store
        self._watch: MainPidWatch | None = None

    def obey(self, message: SdNotifyMessage, datagram: NotifyDatagram) -> None:
        """Store or close descriptors, and change the main process. Raises ValueError."""
        name = message.descriptor_name
        if message.is_stored:
            is_polled = not message.is_kept_unpolled
            refused = self._store.add(
                name or DEFAULT_NAME, datagram.descriptors, is_polled=is_polled
            )
            if refused:
                raise ValueError(f"FDSTORE: no room for {refused}, raise FileDescriptorStoreMax")
        elif message.is_unstored and name:
            self._store.remove(name)
        if message.main_pid is not None and message.main_pid != self._process.pid:
            self._change_main(message.main_pid, datagram.uid)

    def main_ended(self) -> None:
        """Forget the process that MAINPID= has named."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _change_main(self, pid: int, sender_uid: int) -> None:
        process = self._process
        known = process.config.options.pidhistory
        others = {one for one, owner in known.items() if owner is not process}
        fault = main_pid_fault(
            pid,
            supervisor=os.getpid(),
            others=others,
            is_member=process.has_member(pid),
            sender_uid=sender_uid,
        )
        if fault:
            raise ValueError(f"MAINPID: {fault}")
        try:
            watch = MainPidWatch(pid, self._main_is_gone, lambda text: process.log("error", text))
        except OSError as error:
            raise ValueError(f"MAINPID: {pid}: {error.strerror}") from None
        if self._watch is not None:
            self._watch.close()
            known.pop(process.pid, None)  # it is one of the others now
        self._watch = watch
        known[pid] = process
        process.log("info", f"the main process is {pid}, formerly {process.pid}")
        process.change_main(pid)

    def _main_is_gone(self) -> None:
        pid = self._process.pid
        del self._process.config.options.pidhistory[pid]
        self._process.finish(pid, SUCCESS)
