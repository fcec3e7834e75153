"""What a forked process does: run test modules, and send their reports to the one that collected.

See tests/forked_processes.py.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

import pytest

Reports = list[dict[str, Any]]  # as pytest_report_to_serializable makes them
Modules = list[list[pytest.Item]]


def work(session: pytest.Session, modules: Modules, connection: Connection) -> None:
    """Run the modules whose numbers arrive; this is a whole process."""
    config = session.config
    try:
        config.workerinput = {}  # type: ignore[attr-defined]  # pytest's cache is the other's
        config.pluginmanager.unregister(name="terminalreporter")
        capture = config.pluginmanager.get_plugin("capturemanager")
        assert capture is not None
        capture.stop_global_capturing()  # the file with the output is another process's, too
        capture.start_global_capturing()
        _run(config, modules, connection)
        config.hook.pytest_sessionfinish(session=session, exitstatus=int(session.testsfailed > 0))
        config._ensure_unconfigure()  # pytest looks here at what the last tests have left open
        connection.send([])
    except KeyboardInterrupt:
        os._exit(130)
    except BaseException:  # noqa: BLE001 - whatever it is, the other process shows it
        connection.send(traceback.format_exc())


def _run(config: pytest.Config, modules: Modules, connection: Connection) -> None:
    reported = Reported(config)
    config.pluginmanager.register(reported)
    items = _items(modules, connection)
    item = next(items, None)
    while item is not None:
        following = next(items, None)
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        if following is None or following.path != item.path:
            connection.send(reported.take())
        item = following


def _items(modules: Modules, connection: Connection) -> Iterator[pytest.Item]:
    """Yield the tests of each module whose number arrives."""
    while (number := connection.recv()) is not None:
        yield from modules[number]


class Reported:
    """The plugin of a forked process: it keeps the reports of its tests."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._reports: Reports = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            to_data = self._config.hook.pytest_report_to_serializable
            self._reports.append(to_data(config=self._config, report=report))

    def take(self) -> Reports:
        reports, self._reports = self._reports, []
        return reports
