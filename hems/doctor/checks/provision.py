"""provision has done all its work, as it has told supervisord."""

from __future__ import annotations

import time
from pathlib import Path

from hems.doctor.checks.units import report
from hems.doctor.finding import Finding, failed, note, ok
from hems.errors import Unavailable
from hems.protocols.health_report import HealthReport
from hems.protocols.provision_figures import PROVISION, told
from hems.settings import Settings

AGAIN = "look again in a minute; see the check units"
MEND = "mend what it names; it tries again by itself"
WAIT = "wait: it tries again by itself"


def look(settings: Settings) -> list[Finding]:
    try:
        now = time.monotonic()
        return judged(report(Path(settings.telemetry.health_file), now), now)
    except Unavailable:
        return [note("not known: supervisord does not tell", AGAIN)]


def judged(report: HealthReport, now: float) -> list[Finding]:
    """Return what provision's figures mean at monotonic `now` (s); a start takes its time."""
    figures = told(report)
    if figures is None:
        return [note(f"{PROVISION} has not told yet", AGAIN)]
    if stuck := figures.stuck(now):
        return [failed(found, "done", MEND) for found in stuck]
    return [note(found, WAIT) for found in figures.undone()] or [ok("everything is in place")]
