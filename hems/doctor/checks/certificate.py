"""The certificate is good, and renewed in time."""

from __future__ import annotations

import time
from pathlib import Path

from hems.doctor.finding import Finding, failed, ok
from hems.errors import ProtocolError
from hems.protocols.server_names import CertificateFacts
from hems.settings import Settings
from hems.system import certificate_facts, files

DAY_S = 86400.0
LEAST_DAYS = 29  # provision renews it 30 d before its end
ANEW = "supervisorctl restart provision: it makes what is missing or of no use"
WHY = "read why it is not renewed: supervisorctl health"


def look(settings: Settings) -> list[Finding]:
    return found(Path(settings.provision.gateway_directory, "tls"), time.time())


def found(tls: Path, now: float) -> list[Finding]:
    """Return what the files in `tls` are worth at `now` (unix s)."""
    ca, key, chain = (
        files.content(tls / name) or b"" for name in ("ca.crt", "server.key", "server.crt")
    )
    file = "server.key"
    try:
        certificate_facts.private_key(key)
        file = "ca.crt"
        certificate_facts.certificates(ca, 1)
        file = "server.crt"
        facts = certificate_facts.server_facts(ca, key, chain)
    except ProtocolError as error:
        return [failed(f"{tls}/{file}: {error}", "a certificate of our CA", ANEW)]
    return [judged(facts, now)]


def judged(facts: CertificateFacts, now: float) -> Finding:
    """Return what a certificate is worth at `now` (unix s)."""
    days = (facts.not_after - now) / DAY_S
    if now < facts.not_before:
        set_clock = "wait until NTP has set the clock; see the check clock"
        return failed("it is not valid yet by this clock", "a clock that is right", set_clock)
    if days < LEAST_DAYS:
        return failed(f"valid for {days:.0f} d", f"at least {LEAST_DAYS} d", WHY)
    return ok(f"valid for {days:.0f} d")
