"""Check that the gateway's certificate is valid and is renewed in time."""

from __future__ import annotations

import time
from pathlib import Path

from hems.doctor.check_interface import CheckContext, Finding, failed, ok
from hems.doctor.repair_commands import RepairCommands
from hems.errors import ProtocolError
from hems.protocols.web.certificate_requirements import CertificateFacts
from hems.system import files
from hems.system.certificates import inspect

TITLE = "certificate"
CAUSES = ("clock", "problems")
DAY_S = 86400.0
MIN_DAYS = 29  # provision renews it 30 d before its end


def check(context: CheckContext) -> list[Finding]:
    directory = Path(context.settings.provision.gateway_directory, "tls")
    return [certificate_files(directory, time.time(), context.commands)]


def certificate_files(tls: Path, now: float, commands: RepairCommands) -> Finding:
    """Return whether the files in `tls` make a certificate of our CA, valid at `now` (unix s)."""
    ca, key, chain = (
        files.content(tls / name) or b"" for name in ("ca.crt", "server.key", "server.crt")
    )
    file = "server.key"
    try:
        inspect.private_key(key)
        file = "ca.crt"
        inspect.certificates(ca, 1)
        file = "server.crt"
        facts = inspect.server_facts(ca, key, chain)
    except ProtocolError as error:
        advice = f"{commands.supervisorctl('restart', 'provision')} (creates it again)"
        return failed(f"{tls}/{file}: {error}", "a certificate of our CA", advice)
    return validity(facts, now, commands)


def validity(facts: CertificateFacts, now: float, commands: RepairCommands) -> Finding:
    """Return whether a certificate is valid at `now` (unix s), and for long enough."""
    days = (facts.not_after - now) / DAY_S
    if now < facts.not_before:
        advice = "wait until NTP has set the clock; see the check clock"
        return failed("not valid yet, says the clock", "a correct clock", advice)
    if days < MIN_DAYS:
        advice = f"read why provision did not renew it: {commands.health}"
        return failed(f"valid for {days:.0f} d", f"at least {MIN_DAYS} d", advice)
    return ok(f"valid for {days:.0f} d")
