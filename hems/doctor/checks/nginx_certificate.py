"""Check by a TLS handshake that nginx uses the certificate that our CA has signed."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.doctor.repair_commands import RepairCommands
from hems.protocols.web.certificate_requirements import TUNNEL
from hems.settings.address_validation import url_address

TITLE = "TLS"
CAUSES = ("certificate", "services")
SERVICE, HTTPS = "nginx-reverse-proxy", 443
TIMEOUT_S = 5.0
EXPECTED = "a certificate that our CA has signed"


def check(context: CheckContext) -> list[Finding]:
    service = context.settings.services.get(SERVICE)
    endpoint = url_address(service.probe, "http") if service else None
    if endpoint is None:
        return [note("this gateway has no nginx")]
    ca = Path(context.settings.provision.gateway_directory, "tls", "ca.crt")
    return [_handshake((endpoint[0], HTTPS), ca, context.commands)]


def _handshake(endpoint: tuple[str, int], ca: Path, commands: RepairCommands) -> Finding:
    """Return whether a TLS handshake with `endpoint` succeeds when only `ca` is trusted."""
    restart = commands.restart_service(SERVICE)
    advice = f"{restart}; if that does not help, read its log: {commands.service_log(SERVICE)}"
    try:
        context = ssl.create_default_context(cafile=str(ca))
        with (
            socket.create_connection(endpoint, TIMEOUT_S) as connection,
            context.wrap_socket(connection, server_hostname=TUNNEL) as secured,
        ):
            return ok(f"{secured.version()}, trusted by our CA")
    except ssl.SSLCertVerificationError as error:
        return failed(f"not trusted: {error.verify_message}", EXPECTED, advice)
    except FileNotFoundError:
        create = f"{commands.supervisorctl('restart', 'provision')} (creates the CA)"
        return failed(f"{ca} does not exist", "the CA's certificate", create)
    except OSError as error:
        host, port = endpoint
        return failed(f"{host}:{port}: {error.strerror or error}", EXPECTED, advice)
