"""Serve a simulated balena Supervisor: its local API over real HTTP, and faults to order.

Besides the API of clients/balena/supervisor_api.py:
GET  /control          the faults, the calls so far, the reboots
POST /control          change faults, a JSON document of dev.simulator.balena_faults.Faults
GET  /generate_204     the internet as the device sees it
GET  /simulated/NAME   the service NAME itself: 200, or no answer while it hangs
All need the key, except for the last two, /ping and /v1/healthy.
"""

from __future__ import annotations

import contextlib
import hmac
import re
import socket
import threading
import time
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from loguru import logger

from dev.simulator.balena_device import SimulatedDevice
from dev.simulator.balena_endpoints import SupervisorAnswer, answer, begin, text
from hems.errors import Unavailable
from hems.settings.balena_access import Balena
from hems.worker_runtime import Context, every

BEAT_S, POLL_S = 5.0, 0.1
HUNG_S = 60.0
MAX_BODY = 100_000
LENGTH = re.compile("[0-9]{1,9}")
OPEN_PATHS = {"/ping", "/v1/healthy", "/generate_204"}
OUTSIDE = {"/control", "/generate_204"}  # no part of the API
SERVICE_PATH = "/simulated/"


class SimulatedSupervisor:
    """Serves on 127.0.0.1:`port` from `start` to `close`."""

    def __init__(self, port: int, api_key: str, device: SimulatedDevice) -> None:
        """Raise Unavailable when the port is taken."""
        self.device = device
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._api_key = api_key
        owner = self

        class Handler(_Handler):
            supervisor = owner

        try:
            self._server = _Server(("127.0.0.1", port), Handler)
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

    def restart(self) -> None:
        """Open the API again, as a start of the Supervisor does."""
        self.device.is_api_closed = False
        self._server.socket.listen()

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(
        self, method: str, target: str, authorization: str, body: bytes
    ) -> SupervisorAnswer | None:
        """Return the answer to a request, None for none at all."""
        url = urlsplit(target)
        if url.path.startswith(SERVICE_PATH):
            name = url.path.removeprefix(SERVICE_PATH)
            return text(200, "OK") if self.device.answers(name) else None
        if url.path not in OPEN_PATHS and not self._is_allowed(url.query, authorization):
            return text(401, "Unauthorized")
        if url.path not in OUTSIDE:
            self.ended.wait(self.device.faults.delay_s)
            with self._lock:
                takes_s = begin(self.device, method, url.path, body)
            self.ended.wait(takes_s)
        with self._lock:
            was_closed = self.device.is_api_closed
            response = answer(self.device, method, url.path, body)
            if self.device.is_api_closed and not was_closed:
                self._refuse_connections()
            return response

    def _refuse_connections(self) -> None:
        """Refuse every connection from now on: until the machine has booted, or for ever."""
        self._server.socket.shutdown(socket.SHUT_RDWR)
        if not self.device.faults.is_reboot_lost:
            timer = threading.Timer(self.device.faults.boot_s, self._boot)
            timer.daemon = True
            timer.start()

    def _boot(self) -> None:
        with self._lock:
            if not self.ended.is_set():
                self.restart()

    def _is_allowed(self, query: str, authorization: str) -> bool:
        keys = parse_qs(query).get("apikey") or [authorization.removeprefix("Bearer ")]
        return hmac.compare_digest(keys[0].encode(), self._api_key.encode())


class _Server(ThreadingHTTPServer):
    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Accept a connection; while the socket does not listen, do not try all the time."""
        try:
            return super().get_request()
        except OSError:
            time.sleep(POLL_S)
            raise


class _Handler(BaseHTTPRequestHandler):
    supervisor: SimulatedSupervisor
    protocol_version = "HTTP/1.1"
    timeout = HUNG_S

    def handle(self) -> None:
        """Serve one connection until the client goes away, as ours do after a time-out."""
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not LENGTH.fullmatch(length):
            self.send_error(400, f"Content-Length: found {length!r}, expected a number of bytes")
            return
        authorization = self.headers.get("Authorization", "")
        body = self.rfile.read(min(MAX_BODY, int(length)))
        response = self.supervisor.answer(self.command, self.path, authorization, body)
        if response is None:
            self.supervisor.ended.wait(HUNG_S)
            self.close_connection = True
            return
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Stay silent: /control has the calls."""


@dataclass
class BalenaProgram:
    """The program that supervisord runs on the desk; it reads the workers' variables."""

    balena: Balena
    name: str = "balena"

    def run(self, ctx: Context) -> None:
        """Serve until the stop. Raises Unavailable when the port is taken."""
        device = SimulatedDevice(self.balena.app_id, self.balena.app_name)
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
