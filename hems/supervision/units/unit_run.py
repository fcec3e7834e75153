"""One run of a unit: its result in systemd's words, and why it ended."""

from __future__ import annotations

import os

from hems.supervision.settings.exec_command import signal_name
from hems.supervision.units.restart_policy import ProcessExit, RunResult

INTERRUPTIONS = frozenset({RunResult.WATCHDOG, RunResult.TIMEOUT})


class UnitRun:
    """`result` and `cause` are those of the first failure; `exit` is the main process's."""

    def __init__(
        self,
        result: RunResult = RunResult.SUCCESS,
        cause: str = "",
        exit_: ProcessExit | None = None,
    ) -> None:
        self.result = result
        self.cause = cause
        self.exit = exit_
        self.seconds = 0.0
        self.was_ready = False
        self.remains = False  # it stays up, once what its main process has left is ended
        self.errno: int | None = None  # ERRNO=

    def blame(self, result: RunResult, cause: str) -> None:
        """Record a failure, unless an earlier one is the result already."""
        if self.result is RunResult.SUCCESS:
            self.result, self.cause = result, cause

    def main_ended(self, exit_: ProcessExit, result: RunResult, seconds: float) -> None:
        """Record the end of the main process."""
        self.exit, self.seconds = exit_, seconds
        text = f"{exit_} before READY=1" if result is RunResult.PROTOCOL else str(exit_)
        if self.errno is not None and result is not RunResult.SUCCESS:
            text += f", ERRNO={self.errno} ({os.strerror(self.errno)})"
        if self.result is RunResult.SUCCESS:
            self.result, self.cause = result, text
        else:
            self.cause = f"{self.cause}, {exit_}"

    def environment(self, main_pid: int) -> dict[str, str]:
        """Return the variables of a control process: systemd.exec(5), "Environment variables"."""
        variables = {"SERVICE_RESULT": self.result.value}
        if main_pid:
            variables["MAINPID"] = str(main_pid)
        if self.exit and self.exit.signal:
            code = "dumped" if self.exit.is_core_dumped else "killed"
            variables |= {"EXIT_CODE": code, "EXIT_STATUS": signal_name(self.exit.signal)}
        elif self.exit:
            variables |= {"EXIT_CODE": "exited", "EXIT_STATUS": str(self.exit.code)}
        return variables
