"""Run the tests in several processes: `pytest --processes auto`.

One process collects, and forks the others: they inherit the imported modules and the collected
tests. Each runs one test module after the other, and sends the reports of a module at its end.
(A process of pytest-xdist imports and collects everything itself, and sends six messages a test:
that took a third of the time of all unit tests.)
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from itertools import groupby
from multiprocessing.connection import wait
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from tests.forked_worker import Modules, Reports, work

MOST = 8  # processes; each copies what its tests change in memory
AHEAD = 2  # modules that a process knows: the last test of one must know which test follows
FORK = multiprocessing.get_context("fork")


def count(text: str) -> int:
    """Return the number of processes that `--processes` asks for."""
    return min(os.cpu_count() or 1, MOST) if text == "auto" else int(text)


class Worker:
    """A forked process; `numbers` are those of the modules that it has to run."""

    def __init__(self, session: pytest.Session, modules: Modules) -> None:
        self.numbers: deque[int] = deque()
        self._knows_all = False
        self.connection, other = FORK.Pipe()
        self.process = FORK.Process(target=work, args=(session, modules, other), daemon=True)
        self.process.start()
        other.close()

    def give(self, number: int | None) -> None:
        """Tell it the next module, or once that there is none."""
        if not self._knows_all:
            self.connection.send(number)
        self._knows_all = number is None
        if number is not None:
            self.numbers.append(number)

    def received(self) -> Reports | str:
        """Return the reports of the oldest of its modules, or why the process has failed."""
        try:
            message: Reports | str = self.connection.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            return f"it ended with the status {self.process.exitcode}"
        return message


class ForkedRun:
    """The plugin of the process that collects: it replays what the others report."""

    def __init__(self, processes: int) -> None:
        self._processes = processes

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Take the place of pytest's own loop, unless there is nothing to run."""
        if session.testsfailed or session.config.option.collectonly:
            return None
        _warm_up()
        modules = [list(items) for _, items in groupby(session.items, lambda item: item.path)]
        workers = [Worker(session, modules) for _ in range(min(self._processes, len(modules)))]
        try:
            _distribute(session, modules, workers)
        finally:
            for worker in workers:
                worker.process.terminate()
                worker.process.join()
        return True


@settings(max_examples=1, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.text())
def _warm_up(_: str) -> None:
    """Let hypothesis look for constants in all modules and for Unicode's characters only once."""


def _distribute(session: pytest.Session, modules: Modules, workers: list[Worker]) -> None:
    """Give each worker its next modules until all have ended, and replay their reports."""
    numbers = iter(range(len(modules)))
    for _ in range(AHEAD):
        for worker in workers:
            worker.give(next(numbers, None))
    running: dict[Any, Worker] = {worker.connection: worker for worker in workers}
    while running:
        for connection in wait(list(running)):
            worker = running[connection]
            received = worker.received()
            if isinstance(received, str):
                _fail(session, [modules[number] for number in worker.numbers], received)
            elif worker.numbers:
                worker.numbers.popleft()
                worker.give(next(numbers, None))
                _replay(session, received)
            else:
                del running[connection]


def _fail(session: pytest.Session, modules: Modules, why: str) -> None:
    """End the run. Raises Failed."""
    files = ", ".join(items[0].location[0] for items in modules) or "no module"
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    assert isinstance(terminal, pytest.TerminalReporter)
    terminal.section("a process failed")
    terminal.write_line(f"It had to run {files}: {why}")
    session.shouldfail = "a process failed"
    raise session.Failed(session.shouldfail)


def _replay(session: pytest.Session, reports: Reports) -> None:
    hook = session.config.hook
    for data in reports:
        report = hook.pytest_report_from_serializable(config=session.config, data=data)
        hook.pytest_runtest_logstart(nodeid=report.nodeid, location=report.location)
        hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=report.nodeid, location=report.location)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
