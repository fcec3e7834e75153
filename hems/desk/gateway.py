"""A running desk or gateway, asked over supervisord's Unix socket; and bin/status.

XML-RPC over HTTP over a Unix socket, method hems.getHealth (hems/supervision/plugin.py).
"""

from __future__ import annotations

import http.client
import socket
import xmlrpc.client
from pathlib import Path
from typing import Any, cast

from hems.errors import Unavailable
from hems.supervision import health
from hems.supervision.health import Row

TIMEOUT_S = 5.0
UNHEALTHY = 3  # as `supervisorctl health` does


class Gateway:
    """The supervisord whose socket is in `run_dir`."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir

    def health(self) -> list[Row]:
        """Return the health of every unit. Raises Unavailable when there is no answer."""
        transport = _UnixTransport(self._run_dir / "supervisor.sock")
        try:
            with xmlrpc.client.ServerProxy("http://localhost", transport) as server:
                structs = cast("list[dict[str, object]]", server.hems.getHealth())
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise Unavailable(
                f"nothing runs in {self._run_dir}; `python3 bin/up` starts it"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"supervisord does not answer: {error}") from error
        except xmlrpc.client.Error as error:
            raise Unavailable(f"supervisord answers with an error: {error}") from error
        return [health.from_struct(struct) for struct in structs]


def status(*, run_dir: Path, as_json: bool) -> int:
    """Print the health of every unit; return 3 if one is unhealthy, else 0.

    Raises Unavailable when nothing runs in `run_dir`.
    """
    rows = Gateway(run_dir).health()
    print(health.as_json(rows) if as_json else health.as_table(rows))
    return 0 if all(row.is_healthy for row in rows) else UNHEALTHY


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
