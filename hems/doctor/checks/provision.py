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
MEND = "mend what it names; after a start give it 10 min. It tries again by itself"


def look(settings: Settings) -> list[Finding]:
    try:
        return judged(report(Path(settings.telemetry.health_file), time.monotonic()))
    except Unavailable:
        return [note("not known: supervisord does not tell", AGAIN)]


def judged(report: HealthReport) -> list[Finding]:
    """Return what provision's figures mean."""
    figures = told(report)
    if figures is None:
        return [note(f"{PROVISION} has not told yet", AGAIN)]
    undone = [failed(found, "done", MEND) for found in figures.undone()]
    return undone or [ok("everything is in place")]
