"""The child's half of a start: what happens between supervisord's fork and the unit's program.

supervisord makes the process group and the pipes, and gathers the environment. Then the unit's
directives take effect (child_preparation.py), and the program is executed or, if it is preloaded,
called in the forked process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from hems.supervision.processes import child_signals, run_mark, run_members
from hems.supervision.processes.child_preparation import ChildPreparation
from hems.supervision.processes.exec_report import ExecReport
from hems.supervision.processes.passed_descriptors import hand_over, listen_environment

if TYPE_CHECKING:
    from hems.supervision.processes.preload import PreloadedPackages

Execve = Callable[[str, list[str], Mapping[str, str]], None]


class ChildStart:
    """One start as `process` says. `report` is there with Type=exec, while it is going on.

    `passed` returns the names and descriptors that the process gets from 3 on, `arguments` its
    command line for an environment; without it the command line is supervisord's.
    """

    def __init__(
        self,
        process: ChildPreparation,
        packages: PreloadedPackages | None,
        passed: Callable[[], Sequence[tuple[str, int]]] = tuple,
        arguments: Callable[[Mapping[str, str]], list[str]] | None = None,
    ) -> None:
        self.process = process
        self.packages = packages
        self._passed = passed
        self._arguments = arguments
        self.report: ExecReport | None = None

    def take_descriptors(self, environment: dict[str, str]) -> None:
        """Keep the descriptors that are passed, with their names, and no others."""
        passed, report = self._passed(), self.report
        private = hand_over([fd for _, fd in passed], report.writer if report else None)
        if report and private is not None:
            report.writer = private
        environment.update(listen_environment([name for name, _ in passed], os.getpid()))
        if "WATCHDOG_USEC" in environment:
            environment["WATCHDOG_PID"] = str(os.getpid())

    def in_place_of(self, execve: Execve, argv: Sequence[str], own: Mapping[str, str]) -> Execve:
        """Return what becomes the program; `own` are the variables for this unit alone.

        Reset the signals first, or our handlers would swallow a stop.
        """
        child_signals.reset()
        invocation_id = own[run_members.VARIABLE]
        run_mark.set_on_self(run_mark.of_run(invocation_id))
        # A forked process would have all variables in its memory.
        is_isolated = bool(self.process.settings.environment.passed)
        program = self.packages.program(argv) if self.packages and not is_isolated else None
        if program:
            # Before the change of user, which forbids it.
            program.set_title(argv, self.process.unit)
            run_members.mark(invocation_id)

        def start(file: str, argv: list[str], inherited: Mapping[str, str]) -> None:
            environment = self.process.prepare(inherited, own=own)
            if self._arguments:
                argv = self._arguments(environment)
            if self.report:
                self.report.begin()
            if program and program.has_same_start(environment):
                if self.report:
                    self.report.close_writer()
                program.become(argv, environment)
            with self.process.step("EXEC"):
                try:
                    execve(file, argv, environment)
                finally:  # it has failed
                    if self.report:
                        self.report.fail()

        return start
