"""NTP keeps the clock."""

from __future__ import annotations

from hems.doctor.finding import Finding, failed, note, ok
from hems.settings import Settings
from hems.system.clock import SystemClock

ADVICE = "let UDP port 123 out of the home's network, or name a server in ntpServers of config.json"


def look(settings: Settings) -> list[Finding]:
    if SystemClock().is_synchronised():
        return [ok("synchronised")]
    if not settings.eesmart_d2l.require_synchronised_clock:
        return [note("not synchronised, which the settings allow")]
    return [failed("not synchronised: meters get no time", "a clock that NTP keeps", ADVICE)]
