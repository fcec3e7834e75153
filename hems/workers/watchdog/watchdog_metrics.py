"""The watchdog's report for other workers, its metrics, and its status line."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hems.protocols.gateway.watchdog_report import WatchdogState
from hems.worker_runtime import GuardedStep
from hems.workers.watchdog.internet_check_and_reboot import InternetCheck
from hems.workers.watchdog.service_repair import ServiceRepair

FRESH_PERIODS = 6  # while nothing answers, a round takes longer than a period
MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86400.0


class WatchdogMetrics(msgspec.Struct, frozen=True):
    """The metrics of the watchdog. Times are in seconds from now.

    `next_reboot_in_s` is None while no reboot is due; `troubles` has the error of each check that
    fails, by its name; `last_action` is the newest line of restartLog.txt.
    """

    internet: str
    internet_for_s: float
    next_reboot_in_s: float | None
    is_reboot_budget_exhausted: bool
    is_data_unwritable: bool
    given_up: tuple[str, ...]
    troubles: dict[str, str]
    last_action: str
    has_supervisor: bool


def report(
    internet: InternetCheck,
    services: Sequence[ServiceRepair],
    now: float,
    period_s: float,
    *,
    is_writable: bool,
) -> WatchdogState | None:
    """Return the report at monotonic `now` (s); None before the internet was first checked."""
    history = internet.history
    if history.state is None:
        return None
    return WatchdogState(
        written_at=now,
        valid_s=FRESH_PERIODS * period_s,
        internet=history.state,
        internet_since=history.since,
        next_reboot_at=internet.reboot_at(),
        is_reboot_budget_exhausted=internet.backoff.is_exhausted(internet.record),
        is_data_unwritable=internet.is_held_back or not is_writable,
        given_up=tuple(service.name for service in services if service.health.is_given_up),
        missing=tuple(service.name for service in services if service.is_missing),
        is_reboot_lost=internet.is_reboot_lost,
        restarts={
            service.name: service.health.restarts for service in services if service.health.restarts
        },
    )


def metrics(
    report: WatchdogState, checks: Sequence[GuardedStep], last_action: str, *, has_supervisor: bool
) -> WatchdogMetrics:
    """Return the metrics at the time of `report`, with the errors of the `checks` that fail."""
    due_at = report.next_reboot_at
    return WatchdogMetrics(
        internet=report.internet.value,
        internet_for_s=round(report.written_at - report.internet_since, 1),
        next_reboot_in_s=None if due_at is None else round(due_at - report.written_at, 1),
        is_reboot_budget_exhausted=report.is_reboot_budget_exhausted,
        is_data_unwritable=report.is_data_unwritable,
        given_up=report.given_up,
        troubles={check.name: check.trouble for check in checks if check.trouble},
        last_action=last_action,
        has_supervisor=has_supervisor,
    )


def status(metrics: WatchdogMetrics) -> str:
    """Return the metrics as one line for people."""
    parts = [f"{metrics.internet} for {duration(metrics.internet_for_s)}"]
    if metrics.next_reboot_in_s is not None:
        parts.append(f"a reboot is due in {duration(max(0.0, metrics.next_reboot_in_s))}")
    if metrics.is_reboot_budget_exhausted:
        parts.append("reboots have not helped")
    if metrics.is_data_unwritable:
        parts.append("the data directory cannot be written, so no reboot is made")
    if not metrics.has_supervisor:
        parts.append("no balena Supervisor: nothing is restarted")
    if metrics.given_up:
        parts.append(f"given up: {', '.join(metrics.given_up)}")
    if metrics.troubles:
        parts.append(f"failing: {', '.join(metrics.troubles)}")
    if metrics.last_action:
        parts.append(f"last: {metrics.last_action}")
    return "; ".join(parts)


def duration(seconds: float) -> str:
    """Return a length of time in the largest unit of which it has 1 or more."""
    for unit, size in (("d", DAY_S), ("h", HOUR_S), ("min", MINUTE_S)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
