"""The states of the gateway's entities: one JSON object, null for what is not known.

Numbers are rounded to what says something. A change of state is a row on the flash for Home
Assistant, and a disk that fills does not need a row a minute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from hems.protocols import provision_figures
from hems.protocols.gateway_entities import Reboots, unit_key
from hems.protocols.health_report import HealthReport, UnitHealth
from hems.protocols.watchdog_state import Internet, WatchdogState

State = dict[str, object]
Figures = TypeVar("Figures", "WatchdogFigures", "D2lFigures")

WATCHDOG, D2L = "watchdog", "eesmart-d2l"
REPAIR = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)  ([^:]+): (.*)")  # restartLog.txt's line
REASONS = {
    Internet.ONLINE: "",
    Internet.PORTAL: "something between the gateway and the internet wants a login",
    Internet.LAN_ONLY: "a network is there, but nothing beyond it answers",
    Internet.NO_LINK: "no cable and no Wi-Fi is connected",
}


class WatchdogFigures(msgspec.Struct, frozen=True):
    """What is taken of the watchdog's figures: its last line of restartLog.txt."""

    last_action: str = ""


class D2lFigures(msgspec.Struct, frozen=True):
    """What is taken of eesmart-d2l's figures: the age of the newest frame of all meters."""

    last_frame_age_s: float | None = None


@dataclass(frozen=True)
class Machine:
    """What the machine says of itself, None for what it does not. Used is in percent."""

    uptime_s: float
    cpu_temperature: float | None  # °C
    memory_used: float | None
    disk_used: float | None
    disk_free: float | None  # bytes
    written_per_hour: float | None  # bytes
    os_version: str


def health(report: HealthReport | None, watchdog: WatchdogState | None, silence: str) -> State:
    """Return what is published as soon as it changes.

    `silence` is why there is nothing of the watchdog.
    """
    units = report.units if report else ()
    problems = [
        *_unit_problems(units),
        *(_provision_problems(report) if report else ()),
        *(_watchdog_problems(watchdog) if watchdog else ()),
    ]
    told: State = {
        "internet": watchdog and watchdog.internet,
        "internet_reason": REASONS[watchdog.internet] if watchdog else silence,
        "reboots": watchdog and _reboots(watchdog),
        "problem": bool(problems) if problems or report else None,
        "problems": problems,
        **_last_repair(_figures(units, WATCHDOG, WatchdogFigures).last_action),
    }
    for unit in units:
        told |= _unit(unit)
    return told


def figures(
    machine: Machine,
    report: HealthReport | None,
    watchdog: WatchdogState | None,
    unread: Mapping[str, str],
    now: float,
) -> State:
    """Return what changes all the time, at monotonic `now` (s).

    `unread` is why something is not known, by its name.
    """
    age_s = _figures(report.units if report else (), D2L, D2lFigures).last_frame_age_s
    due_at = watchdog.next_reboot_at if watchdog else None
    return {
        "unread": [f"{name}: {reason}" for name, reason in unread.items()],
        "next_reboot_in_min": None if due_at is None else _scaled(max(0.0, due_at - now), 60),
        "uptime_hours": _scaled(machine.uptime_s, 3600, 1),
        "last_reading_age": _scaled(age_s, 60),
        "cpu_temperature": _scaled(machine.cpu_temperature),
        "memory_used": _scaled(machine.memory_used),
        "disk_used": _scaled(machine.disk_used, 1, 1),
        "disk_free": _scaled(machine.disk_free, 1e9, 1),
        "disk_written": _scaled(machine.written_per_hour, 1e6),
        "os_version": machine.os_version or None,
    }


def _scaled(value: float | None, unit: float = 1, digits: int | None = None) -> float | None:
    return None if value is None else round(value / unit, digits)


def _reboots(watchdog: WatchdogState) -> Reboots:
    if watchdog.is_data_unwritable:
        return Reboots.HELD_BACK
    if watchdog.is_reboot_budget_exhausted:
        return Reboots.EXHAUSTED
    return Reboots.NONE_DUE if watchdog.next_reboot_at is None else Reboots.DUE


def _unit_problems(units: tuple[UnitHealth, ...]) -> Iterator[str]:
    for unit in units:
        if not unit.is_healthy:
            yield f"{unit.name} is {unit.state}: {unit.reason or 'no reason known'}"


def _provision_problems(report: HealthReport) -> list[str]:
    figures = provision_figures.told(report)
    return figures.stuck(report.written_at) if figures else []


def _watchdog_problems(watchdog: WatchdogState) -> Iterator[str]:
    for name in watchdog.given_up:
        yield f"{name} was restarted in vain and is left alone"
    if watchdog.is_reboot_budget_exhausted:
        yield "reboots have not brought the internet back"
    if watchdog.is_data_unwritable:
        yield "what must outlive the watchdog cannot be written to disk"


def _unit(unit: UnitHealth) -> State:
    key = unit_key(unit.name)
    return {
        key: unit.state,
        f"{key}_reason": unit.reason,
        f"{key}_restarts": unit.restarts,
        f"{key}_restart_reason": unit.restart_reason,
    }


def _last_repair(line: str) -> State:
    found = REPAIR.fullmatch(line)
    time, action, reason = found.groups() if found else (None, None, None)
    return {"last_repair": time, "last_repair_action": action, "last_repair_reason": reason}


def _figures(units: tuple[UnitHealth, ...], name: str, kind: type[Figures]) -> Figures:
    """Return the figures of the worker `name`; those of another version may be none to us."""
    for unit in units:
        if unit.name == name:
            try:
                return msgspec.json.decode(unit.figures, type=kind)
            except msgspec.DecodeError:
                break
    return kind()
