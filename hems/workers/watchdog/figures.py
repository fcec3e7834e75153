"""What the watchdog tells: a state for workers, figures for machines, a line for people."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hems.protocols.watchdog_state import WatchdogState
from hems.runtime import Guarded
from hems.workers.watchdog.internet import InternetCheck
from hems.workers.watchdog.services import ServiceCheck

FRESH_PERIODS = 6  # while nothing answers a round takes longer than a period
MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86400.0


class Figures(msgspec.Struct, frozen=True):
    """X_HEMS_STATE of the watchdog. Times in seconds from now; a reboot is None while not due."""

    internet: str
    internet_for_s: float
    next_reboot_in_s: float | None
    is_reboot_budget_exhausted: bool
    is_data_unwritable: bool
    given_up: tuple[str, ...]
    troubles: dict[str, str]
    last_action: str
    has_supervisor: bool


def state(
    internet: InternetCheck,
    services: Sequence[ServiceCheck],
    now: float,
    period_s: float,
    *,
    is_writable: bool,
) -> WatchdogState | None:
    """Return what other workers may know at monotonic `now` (s); None before the first look."""
    history = internet.history
    if history.state is None:
        return None
    return WatchdogState(
        written_at=now,
        fresh_s=FRESH_PERIODS * period_s,
        internet=history.state,
        internet_since=history.since,
        next_reboot_at=internet.reboot_at(),
        is_reboot_budget_exhausted=internet.backoff.is_exhausted(internet.record),
        is_data_unwritable=internet.is_held_back or not is_writable,
        given_up=tuple(one.name for one in services if one.health.is_given_up),
        restarts={one.name: one.health.restarts for one in services if one.health.restarts},
    )


def figures(
    told: WatchdogState, checks: Sequence[Guarded], last_action: str, *, has_supervisor: bool
) -> Figures:
    """Return `told` as seen when it was written, and what is in trouble."""
    due_at = told.next_reboot_at
    return Figures(
        internet=told.internet.value,
        internet_for_s=round(told.written_at - told.internet_since, 1),
        next_reboot_in_s=None if due_at is None else round(due_at - told.written_at, 1),
        is_reboot_budget_exhausted=told.is_reboot_budget_exhausted,
        is_data_unwritable=told.is_data_unwritable,
        given_up=told.given_up,
        troubles={one.name: one.trouble for one in checks if one.trouble},
        last_action=last_action,
        has_supervisor=has_supervisor,
    )


def status(told: Figures) -> str:
    """Return the figures as one line for people."""
    parts = [f"{told.internet} for {duration(told.internet_for_s)}"]
    if told.next_reboot_in_s is not None:
        parts.append(f"a reboot is due in {duration(max(0.0, told.next_reboot_in_s))}")
    if told.is_reboot_budget_exhausted:
        parts.append("reboots have not helped")
    if told.is_data_unwritable:
        parts.append("nothing can be written down, so no reboot is made")
    if not told.has_supervisor:
        parts.append("no balena Supervisor: nothing is restarted")
    if told.given_up:
        parts.append(f"given up: {', '.join(told.given_up)}")
    if told.troubles:
        parts.append(f"in trouble: {', '.join(told.troubles)}")
    if told.last_action:
        parts.append(f"last: {told.last_action}")
    return "; ".join(parts)


def duration(seconds: float) -> str:
    """Return a length of time in the largest unit that makes it 1 or more."""
    for unit, size in (("d", DAY_S), ("h", HOUR_S), ("min", MINUTE_S)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
