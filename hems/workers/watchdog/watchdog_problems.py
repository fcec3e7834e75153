"""The problems that the watchdog reports: what it cannot repair, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hems.protocols.gateway.problem_kinds import (
    BALENA_FAILS,
    DATA_UNWRITABLE,
    INTERNET_AWAY,
    REBOOT_LOST,
    RELEASE_REJECTED,
    SERVICE_GIVEN_UP,
    SERVICE_MISSING,
)
from hems.protocols.gateway.watchdog_report import REASONS, Internet, WatchdogState
from hems.supervision.worker.problem import ReportedProblem
from hems.workers.watchdog.restart_log_file import RestartLog


def problems(report: WatchdogState, troubles: Mapping[str, str]) -> Iterator[ReportedProblem]:
    """Yield the problems at the time of `report`; `troubles` has the error of each failing check.

    One fault of balena's Supervisor makes several checks fail: it is one problem.
    """
    for name in report.given_up:
        times = report.restarts.get(name, 0)
        yield SERVICE_GIVEN_UP.found(f"{times} restarts; it is left alone until it answers", name)
    for name in report.missing:
        yield SERVICE_MISSING.found("it does not answer, and no container of it runs", name)
    if report.is_release_rejected:
        yield RELEASE_REJECTED.found("balena's update status is rejected")
    if report.is_reboot_lost:
        yield REBOOT_LOST.found(REASONS[report.internet] or "the internet has just come back")
    if report.is_reboot_budget_exhausted and report.internet is not Internet.ONLINE:
        yield INTERNET_AWAY.found(REASONS[report.internet])
    if report.is_data_unwritable:
        yield DATA_UNWRITABLE.found(troubles.get(RestartLog.name, "a record cannot be written"))
    failures = {reason: name for name, reason in troubles.items() if name != RestartLog.name}
    if failures:
        yield BALENA_FAILS.found("; ".join(f"{name}: {text}" for text, name in failures.items()))
