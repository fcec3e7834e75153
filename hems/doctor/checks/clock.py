"""Check that NTP keeps the clock synchronised."""

from __future__ import annotations

from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.system.clock import SystemClock

TITLE = "clock"
ADVICE = "let UDP port 123 out of the home's network, or set ntpServers in config.json"


def check(context: CheckContext) -> list[Finding]:
    if SystemClock().is_synchronised():
        return [ok("synchronised")]
    if not context.settings.eesmart_d2l.require_synchronised_clock:
        return [note("not synchronised, which the settings allow")]
    found = "not synchronised: meters get no answer with the time"
    return [failed(found, "a clock synchronised by NTP", ADVICE)]
