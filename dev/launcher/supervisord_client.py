"""Read the health of every unit from a running supervisord, over its Unix socket.

XML-RPC over HTTP over a Unix socket, method supervision.getHealth (hems/supervision).
"""

from __future__ import annotations

import http.client
import socket
import time
import xmlrpc.client
from pathlib import Path
from typing import Any

from dev.launcher.running_desk import SOCKET, TIMEOUT_S, nothing_runs
from hems.errors import Unavailable
from hems.supervision.health import health_json
from hems.supervision.health.health_row import HealthRow


class SupervisordClient:
    """The supervisord whose socket is in `run_dir`."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir

    def health(self) -> list[HealthRow]:
        """Return the health of every unit. Raises Unavailable when there is no answer."""
        transport = _UnixTransport(self._run_dir / SOCKET)
        try:
            with xmlrpc.client.ServerProxy("http://localhost", transport) as server:
                report = str(server.supervision.getHealth())
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise Unavailable(nothing_runs(self._run_dir)) from error
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"supervisord does not answer: {error}") from error
        except xmlrpc.client.Error as error:
            raise Unavailable(f"supervisord answers with an error: {error}") from error
        return health_json.decode(report, time.monotonic())


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = UnixConnection(self._path)
        self._connection = host, connection  # what the base class closes
        return connection


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(TIMEOUT_S)
        self.sock.connect(str(self._path))
