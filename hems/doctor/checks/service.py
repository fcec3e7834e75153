"""A service of the fleet answers."""

from __future__ import annotations

from hems.clients import connectivity
from hems.doctor.finding import Finding, failed, note, ok
from hems.errors import HemsError
from hems.settings.watchdog import address

TIMEOUT_S = 3.0


def look(name: str, probe: str) -> list[Finding]:
    """Ask `probe`, an http:// or a tcp:// one, as the watchdog does."""
    if not probe:
        return [note("there is none here, or it is not asked")]
    where = address(probe, "tcp")
    try:
        if where is None:
            connectivity.reach_http(probe, TIMEOUT_S)
        else:
            connectivity.reach_tcp(*where, TIMEOUT_S)
    except HemsError as error:
        advice = f"read why, then restart it: balena device logs UUID --service {name}"
        return [failed(str(error), "an answer", advice)]
    return [ok("answers")]
