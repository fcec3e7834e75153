"""nginx proves who it is with the certificate that our CA has signed."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from hems.doctor.finding import Finding, failed, note, ok
from hems.protocols.server_names import TUNNEL
from hems.settings import Settings
from hems.settings.watchdog import address

SERVICE, HTTPS = "nginx-reverse-proxy", 443
TIMEOUT_S = 5.0
EXPECTED = "a certificate that our CA has signed"
RESTART = f"restart it: balena device logs UUID --service {SERVICE} says why if that is no help"


def look(settings: Settings) -> list[Finding]:
    service = settings.services.get(SERVICE)
    where = address(service.probe, "http") if service else None
    if where is None:
        return [note("there is no nginx here")]
    ca = Path(settings.provision.gateway_directory, "tls", "ca.crt")
    return [_shaken((where[0], HTTPS), ca)]


def _shaken(where: tuple[str, int], ca: Path) -> Finding:
    """Return what a TLS handshake brings to light."""
    try:
        context = ssl.create_default_context(cafile=str(ca))
        with (
            socket.create_connection(where, TIMEOUT_S) as connection,
            context.wrap_socket(connection, server_hostname=TUNNEL) as secured,
        ):
            return ok(f"{secured.version()}, trusted by our CA")
    except ssl.SSLCertVerificationError as error:
        return failed(f"not trusted: {error.verify_message}", EXPECTED, RESTART)
    except FileNotFoundError:
        again = "supervisorctl restart provision: it makes the CA"
        return failed(f"there is no {ca}", "the CA's certificate", again)
    except OSError as error:
        return failed(f"{where[0]}:{where[1]}: {error.strerror or error}", EXPECTED, RESTART)
