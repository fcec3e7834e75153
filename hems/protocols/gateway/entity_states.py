"""Build the states of the gateway's entities: one JSON object, null for unknown values.

Numbers are rounded to a useful precision: Home Assistant writes each change of a state to the
flash, and a disk that slowly fills does not need a write each minute.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from hems.protocols.gateway.gateway_entities import RebootState, unit_key
from hems.protocols.gateway.reported_refusals import by_door
from hems.protocols.gateway.unit_health_file import GatewayProblem, HealthReport, UnitHealth
from hems.protocols.gateway.watchdog_report import REASONS, WatchdogState

State = dict[str, object]

WATCHDOG, D2L, PROVISION = "watchdog", "eesmart-d2l", "provision"
REPAIR = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)  ([^:]+): (.*)")  # a line of restartLog.txt


class ReportedWatchdogMetrics(msgspec.Struct, frozen=True):
    """The part of the watchdog's metrics that is needed: its last line in restartLog.txt."""

    last_action: str = ""


class ReportedD2lMetrics(msgspec.Struct, frozen=True):
    """The part of eesmart-d2l's metrics that is needed: the age of the newest frame."""

    last_frame_age_s: float | None = None


class ReportedProvisionMetrics(msgspec.Struct, frozen=True):
    """The part of provision's metrics that is needed.

    It has the age of each device's newest reading, and for how long the certificate is valid.
    """

    reading_ages_s: dict[str, float | None] = {}
    certificate_days_left: float | None = None


@dataclass(frozen=True)
class MachineState:
    """The state of the machine, None for unknown values; `_used` is in percent."""

    uptime_s: float
    cpu_temperature: float | None  # °C
    memory_used: float | None
    disk_used: float | None
    disk_free: float | None  # bytes
    written_per_hour: float | None  # bytes
    os_version: str


def health(report: HealthReport | None, watchdog: WatchdogState | None, silence: str) -> State:
    """Return the states that are published as soon as they change.

    `silence` says why there is no report of the watchdog.
    """
    units = report.units if report else ()
    repairs = report.metrics(WATCHDOG, ReportedWatchdogMetrics) if report else None
    problems = report.problems if report else []
    state: State = {
        "internet": watchdog and watchdog.internet,
        "internet_reason": REASONS[watchdog.internet] if watchdog else silence,
        "reboots": watchdog and _reboots(watchdog),
        "problem": bool(problems) if report else None,
        "problems": [_problem(problem) for problem in problems],
        **_last_repair(repairs.last_action if repairs else ""),
    }
    for unit in units:
        state |= _unit(unit)
    return state


def measurements(
    machine: MachineState,
    report: HealthReport | None,
    watchdog: WatchdogState | None,
    unread: Mapping[str, str],
    now: float,
) -> State:
    """Return the states that change continuously, at monotonic `now` (s).

    `unread` says why a value is not known, by its name.
    """
    linky = report.metrics(D2L, ReportedD2lMetrics) if report else None
    others = report.metrics(PROVISION, ReportedProvisionMetrics) if report else None
    ages = others.reading_ages_s if others else {}
    of_linky = linky.last_frame_age_s if linky else None
    known = [age for age in (of_linky, *ages.values()) if age is not None]
    refused = by_door(report) if report else None
    due_at = watchdog.next_reboot_at if watchdog else None
    return {
        "unread": [f"{name}: {reason}" for name, reason in unread.items()],
        "next_reboot_in_min": None if due_at is None else _scaled(max(0.0, due_at - now), 60),
        "uptime_hours": _scaled(machine.uptime_s, 3600, 1),
        "refused_in_an_hour": None if refused is None else sum(refused.values()),
        "refused_by_door": refused,
        "last_reading_age": _scaled(min(known, default=None), 60),
        "reading_ages": {name: _scaled(age, 60) for name, age in ages.items()} if others else None,
        "cpu_temperature": _scaled(machine.cpu_temperature),
        "memory_used": _scaled(machine.memory_used),
        "disk_used": _scaled(machine.disk_used, 1, 1),
        "disk_free": _scaled(machine.disk_free, 1e9, 1),
        "certificate_days_left": _scaled(others.certificate_days_left if others else None),
        "disk_written": _scaled(machine.written_per_hour, 1e6),
        "os_version": machine.os_version or None,
    }


def _scaled(value: float | None, unit: float = 1, digits: int | None = None) -> float | None:
    return None if value is None else round(value / unit, digits)


def _reboots(watchdog: WatchdogState) -> RebootState:
    if watchdog.is_data_unwritable:
        return RebootState.HELD_BACK
    if watchdog.is_reboot_budget_exhausted:
        return RebootState.EXHAUSTED
    return RebootState.NONE_DUE if watchdog.next_reboot_at is None else RebootState.DUE


def _problem(problem: GatewayProblem) -> State:
    """Return the problem without `began_at`, which means nothing on another machine."""
    fields = msgspec.structs.asdict(problem)
    del fields["began_at"]
    return fields


def _unit(unit: UnitHealth) -> State:
    key = unit_key(unit.name)
    return {
        key: unit.state.value,
        f"{key}_reason": unit.reason,
        f"{key}_restarts": unit.restarts,
        f"{key}_restart_reason": unit.restart_reason,
    }


def _last_repair(line: str) -> State:
    match = REPAIR.fullmatch(line)
    time, action, reason = match.groups() if match else (None, None, None)
    return {"last_repair": time, "last_repair_action": action, "last_repair_reason": reason}
