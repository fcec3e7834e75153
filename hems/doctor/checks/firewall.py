"""Our rules stand in every firewall, as iptables-init has told supervisord."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hems.doctor.checks.units import START, report
from hems.doctor.finding import Finding, failed, note, ok
from hems.errors import Unavailable
from hems.protocols.health_report import HealthReport
from hems.settings import Settings

UNIT = "iptables-init"
RULES = "our rules in every slot"


class _Figures(msgspec.Struct):
    """What is needed of hems/workers/iptables_init/figures.py."""

    mode: str
    is_permitted: bool
    slots: dict[str, bool]
    problems: dict[str, str]
    fights: list[str]


def look(settings: Settings) -> list[Finding]:
    try:
        told = report(Path(settings.telemetry.health_file), time.monotonic())
    except Unavailable:
        return [failed("not known: supervisord does not tell", RULES, START)]
    return judged(told)


def judged(told: HealthReport) -> list[Finding]:
    """Return what iptables-init's figures mean."""
    own = [unit.figures for unit in told.units if unit.name == UNIT]
    if not own:
        return [failed(f"there is no unit {UNIT}", RULES, START)]
    try:
        return _meaning(msgspec.json.decode(own[0], type=_Figures))
    except msgspec.DecodeError:
        return [note(f"{UNIT} has not told yet", "look again in a minute; see the check units")]


def _meaning(told: _Figures) -> list[Finding]:
    if told.mode == "report":
        return [note("iptables-init only looks, as its setting says")]
    wrong = [failed(found, RULES, advice) for found, advice in _faults(told)]
    if wrong or not told.slots:
        return wrong or [note("neither a hotspot nor Docker has made rules: nothing to open")]
    return [ok(f"our rules stand in {', '.join(told.slots)}")]


def _faults(told: _Figures) -> Iterator[tuple[str, str]]:
    """Yield each thing that is wrong, and what to do about it."""
    if not told.is_permitted:
        yield "CAP_NET_ADMIN is missing", "run the service hems privileged"
    for name, problem in told.problems.items():
        yield f"{name}: {problem.splitlines()[0]}", "have this backend on the host repaired"
    for name in told.fights:
        found = f"{name}: another program keeps changing our rules"
        yield found, "find and stop the program on the host that sets rules all the time"
    missing = [name for name, is_filled in told.slots.items() if not is_filled]
    if missing and not told.fights:
        yield f"our rules are missing in {', '.join(missing)}", f"supervisorctl restart {UNIT}"
