"""Find out whether supervisord runs, and read the unit health report that it writes."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from hems.errors import ProtocolError, Unavailable
from hems.protocols.gateway import unit_health_file
from hems.protocols.gateway.unit_health_file import HealthReport
from hems.settings import Settings
from hems.system import files

SOCKET = "supervisor.sock"  # etc/supervisord.conf puts it beside the health file
TIMEOUT_S = 1.0


def require_running(settings: Settings) -> None:
    """Raise Unavailable when no process listens on supervisord's socket.

    One that hangs still counts as running: the kernel accepts the connection for it.
    """
    path = Path(settings.telemetry.health_file).with_name(SOCKET)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise Unavailable(f"{path}: {error.strerror}") from None
    except OSError:  # not permitted, or its queue is full: there is one
        pass


def health_report(settings: Settings) -> HealthReport:
    """Return the newest health report. Raises Unavailable when there is none or it is too old."""
    path = Path(settings.telemetry.health_file)
    data = files.read(path)
    try:
        return unit_health_file.fresh(data, time.monotonic())
    except ProtocolError as error:
        raise Unavailable(f"{path}: {error}") from None
    except Unavailable as error:
        raise Unavailable(f"supervisord hangs: {error}") from None
