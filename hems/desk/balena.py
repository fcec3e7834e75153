"""A simulated balena Supervisor: its local API over real HTTP, and faults to order.

Beside the API of clients/balena.py:
GET  /control          the faults, the calls so far, the reboots
POST /control          change faults, a JSON document of hems.desk.faults.Faults
GET  /generate_204     the internet, as far as the device sees it
GET  /simulated/NAME   the service NAME itself: 200, or no answer while it hangs
All but the last two, /ping and /v1/healthy need the key.
"""

from __future__ import annotations

import hmac
import re
import threading
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from loguru import logger

from hems.desk.balena_api import Answer, answer, text
from hems.desk.fleet import Device
from hems.errors import Unavailable
from hems.runtime import Context, every
from hems.settings.secrets import Balena

BEAT_S, POLL_S = 5.0, 0.1
HUNG_S = 60.0
MAX_BODY = 100_000
LENGTH = re.compile("[0-9]{1,9}")
OPEN_PATHS = {"/ping", "/v1/healthy", "/generate_204"}
SERVICE_PATH = "/simulated/"


class SimulatedSupervisor:
    """Serves on 127.0.0.1:`port` from `start` to `close`."""

    def __init__(self, port: int, api_key: str, device: Device) -> None:
        """Raise Unavailable when the port is taken."""
        self.device = device
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._api_key = api_key
        owner = self

        class Handler(_Handler):
            supervisor = owner

        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError as error:
            raise Unavailable(f"port {port}: {error.strerror}") from error
        self._server.daemon_threads = True
        serve = partial(self._server.serve_forever, poll_interval=POLL_S)
        self._thread = threading.Thread(target=serve, daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, method: str, target: str, authorization: str, body: bytes) -> Answer | None:
        """Return the answer to a request, None for none at all."""
        url = urlsplit(target)
        if url.path.startswith(SERVICE_PATH):
            name = url.path.removeprefix(SERVICE_PATH)
            return text(200, "OK") if self.device.answers(name) else None
        if url.path not in OPEN_PATHS and not self._is_allowed(url.query, authorization):
            return text(401, "Unauthorized")
        if url.path != "/control":
            self.ended.wait(self.device.faults.delay_s)
        with self._lock:
            return answer(self.device, method, url.path, body)

    def _is_allowed(self, query: str, authorization: str) -> bool:
        keys = parse_qs(query).get("apikey") or [authorization.removeprefix("Bearer ")]
        return hmac.compare_digest(keys[0].encode(), self._api_key.encode())


class _Handler(BaseHTTPRequestHandler):
    supervisor: SimulatedSupervisor
    protocol_version = "HTTP/1.1"
    timeout = HUNG_S

    def do_GET(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not LENGTH.fullmatch(length):
            self.send_error(400, f"Content-Length: found {length!r}, expected a number of bytes")
            return
        authorization = self.headers.get("Authorization", "")
        body = self.rfile.read(min(MAX_BODY, int(length)))
        found = self.supervisor.answer(self.command, self.path, authorization, body)
        if found is None:
            self.supervisor.ended.wait(HUNG_S)
            self.close_connection = True
            return
        self.send_response(found.status)
        self.send_header("Content-Type", found.content_type)
        self.send_header("Content-Length", str(len(found.body)))
        for name, value in found.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(found.body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Stay silent: /control has the calls."""


@dataclass
class BalenaProgram:
    """What supervisord runs on the desk, with the variables that the workers have too."""

    balena: Balena
    name: str = "balena"

    def run(self, ctx: Context) -> None:
        """Serve until told to stop. Raises Unavailable when the port is taken."""
        device = Device(self.balena.app_id, self.balena.app_name)
        port = urlsplit(self.balena.address).port or 0
        supervisor = SimulatedSupervisor(port, self.balena.api_key, device)
        supervisor.start()
        logger.info("a simulated balena Supervisor at {}", supervisor.address)
        ctx.notify.ready()
        try:
            for _ in every(BEAT_S, ctx):
                ctx.notify.status(f"{len(device.calls)} calls, {device.reboots} reboots")
        finally:
            supervisor.close()
