"""Say how often each door of the gateway refused a login or a frame in the last hour.

More than a hundred at one door are in the gateway's list of problems.
"""

from __future__ import annotations

from collections.abc import Mapping

from hems.doctor import supervisord_health
from hems.doctor.check_interface import CheckContext, Finding, note, ok
from hems.errors import Unavailable
from hems.protocols.gateway.reported_refusals import by_door, listed

TITLE = "refusals"
CAUSES = ("units",)


def check(context: CheckContext) -> list[Finding]:
    try:
        report = supervisord_health.health_report(context.settings)
    except Unavailable:
        return [note("not known: no health report", "see the check units")]
    return [finding(by_door(report))]


def finding(counts: Mapping[str, int] | None) -> Finding:
    """Return what the doors refused; `counts` is None if no worker says so."""
    if counts is None:
        return note("not known: no worker counts them yet", "run the doctor again in a minute")
    if words := listed(counts):
        return note(words, "a wrong password now and then is nothing to worry about")
    return ok("none in the last hour")
