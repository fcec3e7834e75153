"""The real led worker as a process with mock pins, and a Home Assistant that can hang."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from dev.launcher.free_port import free_port
from tests.integration.notify_receiver import NotifyReceiver
from tests.integration.worker_process import WorkerProcess, eventually


class LedWorker(WorkerProcess):
    """`python -m hems led`; what it tells its supervisor is read from a notify socket."""

    def __init__(self, directory: Path, **settings: object) -> None:
        self.home_assistant_log = directory / "home-assistant.log"
        self.state_file = directory / "watchdog.json"
        self.health_file = directory / "health.json"
        self._receiver = NotifyReceiver(directory)
        self.notifications = self._receiver.newest
        environ = {
            "NOTIFY_SOCKET": self._receiver.path,
            "HEMS_LED_PINS": "mock",
            "HEMS_LED_HOME_ASSISTANT_HOST": "127.0.0.1",
            "HEMS_LED_LOG_FILE": self.home_assistant_log,
            "HEMS_LED_PROBE_INTERVAL_S": 0.2,
            "HEMS_LED_PROBE_TIMEOUT_S": 0.5,
            "HEMS_WATCHDOG_STATE_FILE": self.state_file,
            "HEMS_TELEMETRY_HEALTH_FILE": self.health_file,
            "HEMS_WATCHDOG_HTTP_URLS": "",
            "HEMS_WATCHDOG_TCP_TARGETS": f"127.0.0.1:{free_port(None)}",
        }
        super().__init__("led", directory, environ | settings)

    def __exit__(self, *_: object) -> None:
        with self._receiver:
            self.stop()

    def lamp(self, label: str) -> str:
        """Return the pattern that a lamp shows, empty before it is known."""
        state = json.loads(self.notifications().get("X_METRICS", "{}"))
        return str(state["lamps"][label]["pattern"]) if state else ""

    def shows(self, label: str, pattern: str) -> None:
        """Wait until the lamp shows the pattern."""

        def is_shown() -> bool:
            assert self.process.poll() is None, self.log()
            return self.lamp(label) == pattern

        eventually(is_shown, 15, f"the lamp {label} shows {pattern}")


class HomeAssistant:
    """Answers every page; `hangs` makes it take requests and say nothing."""

    def __init__(self, port: int = 0) -> None:
        self.hangs = False
        hanging = threading.Event()
        self._release = hanging.set

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:  # noqa: N805 - the base class's name; self is taken
                if self.hangs:
                    hanging.wait(10)
                    return
                self.requests.append(handler.path)
                handler.send_response(200)
                handler.end_headers()

            def log_message(handler, *_: object) -> None:  # noqa: N805
                pass

        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def __enter__(self) -> HomeAssistant:
        return self

    def __exit__(self, *_: object) -> None:
        self._release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
