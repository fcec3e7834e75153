"""supervisord's XML-RPC to start processes, with systemd's idea of a start.

supervisord regards a process that waits or is in back-off as started already. Here a start of such
a unit starts it now, with what it requires. A start waits until the unit is up, or says why it is
not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from supervisor.options import BadCommand, NotExecutable, NotFound, ProcessException
from supervisor.rpcinterface import SupervisorNamespaceRPCInterface, isNotRunning, make_allfunc
from supervisor.xmlrpc import NOT_DONE_YET, Faults, RPCError

from hems.supervision.supervisord import deferred_answer
from hems.supervision.supervisord.deferred_answer import Deferred
from hems.supervision.supervisord.unit_process import UnitProcess
from hems.supervision.units.dependency_actions import StartOutcome

DELAY_S = 0.05
NAMESPACE = "supervisor"


class StartRequests(SupervisorNamespaceRPCInterface):  # type: ignore[misc]  # no types
    """The namespace `supervisor`, in place of supervisord's own. The names are supervisord's."""

    def startProcess(self, name: str, wait: bool = True) -> bool | Deferred:  # noqa: N802
        """Start a process, with what it requires.

        @param string name Process name (or ``group:name``, or ``group:*``)
        @param boolean wait Wait for process to be fully started
        @return boolean result     Always true unless error
        """
        _group, process = self._getGroupAndProcess(name)
        if not isinstance(process, UnitProcess):
            started: bool | Deferred = super().startProcess(name, wait)
            return started
        self._update("startProcess")
        _check_program(process)
        if process.start_outcome() is StartOutcome.UP and process.pid:
            raise RPCError(Faults.ALREADY_STARTED, name)
        process.spawn()
        self.supervisord.reap()
        process.transition()
        if not wait:
            return True
        return _until_up(process)

    def startProcessGroup(self, name: str, wait: bool = True) -> Deferred:  # noqa: N802
        """Start all processes in the group named 'name'.

        @param string name     The group name
        @param boolean wait    Wait for each process to be fully started
        @return array result   An array of process status info structs
        """
        self._update("startProcessGroup")
        group = self.supervisord.process_groups.get(name)
        if group is None:
            raise RPCError(Faults.BAD_NAME, name)
        return self._start_all([(group, one) for one in sorted(group.processes.values())], wait)

    def startAllProcesses(self, wait: bool = True) -> Deferred:  # noqa: N802
        """Start all processes listed in the configuration file.

        @param boolean wait    Wait for each process to be fully started
        @return array result   An array of process status info structs
        """
        self._update("startAllProcesses")
        return self._start_all(self._getAllProcesses(), wait)

    def _start_all(self, processes: Iterable[tuple[Any, Any]], wait: bool) -> Deferred:
        start_all: Any = make_allfunc(list(processes), _is_to_start, self.startProcess, wait=wait)
        start_all.delay = DELAY_S
        result: Deferred = start_all
        return result


def install(supervisord: Any, server: Any) -> None:
    """Replace the namespace in the handler of supervisord's HTTP server."""
    for handler in server.handlers:
        inner = getattr(handler, "handler", handler)  # behind a check of user and password
        if root := getattr(inner, "rpcinterface", None):
            setattr(root, NAMESPACE, StartRequests(supervisord))


def _is_to_start(process: Any) -> bool:
    if not isinstance(process, UnitProcess):
        return bool(isNotRunning(process))
    return not process.pid


def _check_program(process: UnitProcess) -> None:
    try:
        process.get_execv_args()
    except NotFound as error:
        raise RPCError(Faults.NO_FILE, error.args[0]) from None
    except (BadCommand, NotExecutable, ProcessException) as error:
        raise RPCError(Faults.NOT_EXECUTABLE, error.args[0]) from None


def _until_up(process: UnitProcess) -> bool | Deferred:
    """Return True once the unit is up, or a function that supervisord calls until then."""

    def look() -> Any:
        process.transition()  # so that its reason is of now
        outcome = process.start_outcome()
        if outcome is StartOutcome.FAILED:
            name, why = process.unit.spec.name, process.start_problem()
            raise RPCError(Faults.SPAWN_ERROR, f"{name}: {why}")
        return True if outcome is StartOutcome.UP else NOT_DONE_YET

    result: bool | Deferred = deferred_answer.answer(look, DELAY_S)
    return result
