"""The simulated balena Supervisor on a free port, and the real watchdog worker beside it."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from hems.clients.balena import Access, BalenaSupervisor
from hems.desk.balena import SimulatedSupervisor
from hems.desk.fleet import Device
from hems.desk.up import free_port
from hems.protocols import watchdog_state
from hems.protocols.watchdog_state import WatchdogState
from tests.integration.worker_process import WorkerProcess

KEY, APP_ID, APP_NAME = "0123456789abcdef-the-key", 1234567, "home"
STEP_S = 0.1
WITHIN_S = 15.0
OFFLINE = {"internet": "none", "has_vpn": False}
RESTARTS, REBOOT = "restart-service", "POST /v1/reboot"


class Balena:
    """A Supervisor, and its control endpoint."""

    def __init__(self) -> None:
        self._server = SimulatedSupervisor(free_port(None), KEY, Device(APP_ID, APP_NAME))
        self.address = self._server.address

    def __enter__(self) -> Balena:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def order(self, **faults: object) -> None:
        self._control(json.dumps(faults).encode())

    def calls(self, part: str = "") -> list[str]:
        return [call for call in self._control(None)["calls"] if part in call]

    def client(self, key: str = KEY, timeout_s: float = 2.0) -> BalenaSupervisor:
        return BalenaSupervisor(Access(self.address, key, APP_ID, APP_NAME, timeout_s, timeout_s))

    def _control(self, body: bytes | None) -> Any:
        headers = {"Authorization": f"Bearer {KEY}"}
        request = urllib.request.Request(f"{self.address}/control", body, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


class WatchdogWorker(WorkerProcess):
    """`python -m hems watchdog` that looks ten times a second, at `balena` and nothing else."""

    def __init__(self, directory: Path, balena: Balena | None, **settings: object) -> None:
        self.data = directory / "data"
        self.data.mkdir(exist_ok=True)
        self._state_file = directory / "watchdog.json"
        address = balena.address if balena else ""
        own: dict[str, object] = {
            "period_s": STEP_S,
            "data_directory": self.data,
            "state_file": self._state_file,
            "supervisor_timeout_s": 0.5,
            "action_timeout_s": 1.0,
            "release_settle_s": 0.5,
            "probe_timeout_s": 0.5,
            "http_urls": f"{address}/generate_204" if balena else "",
            "tcp_targets": "",
            "icmp_targets": "",
            "reboot_after_s": 0.5,
            "reboot_min_uptime_s": 0.5,
            "reboot_retry_s": 0.5,
        }
        own |= settings
        environ: dict[str, object] = {
            "HEMS_SERVICES_HOMEASSISTANT_PROBE": "",
            "HEMS_SERVICES_MQTT_PROBE": "",
            "HEMS_SERVICES_NGINX_REVERSE_PROXY_PROBE": "",
            "HEMS_SERVICES_INFLUXDB_PROBE": f"{address}/simulated/influxdb" if balena else "",
            "HEMS_SERVICES_INFLUXDB_PATIENCE": 2,
            "HEMS_SERVICES_INFLUXDB_COOLDOWN_S": 0.3,
            "HEMS_SERVICES_INFLUXDB_GIVE_UP_AFTER": 2,
        }
        environ |= {f"HEMS_WATCHDOG_{name.upper()}": own[name] for name in own}
        if balena:
            environ["BALENA_SUPERVISOR_ADDRESS"] = address
            environ["BALENA_SUPERVISOR_API_KEY"] = KEY
            environ["BALENA_APP_ID"] = APP_ID
            environ["BALENA_APP_NAME"] = APP_NAME
        super().__init__("watchdog", directory, environ)

    def is_up(self) -> bool:
        return self._state_file.exists()

    def state(self) -> WatchdogState:
        return watchdog_state.decode(self._state_file.read_bytes())

    def version(self) -> str:
        path = self.data / "version.txt"
        return path.read_text() if path.exists() else ""

    def lines(self, part: str) -> list[str]:
        """Return the lines of its log that have `part`."""
        return [line for line in self.log().splitlines() if part in line]

    def restart_log(self) -> list[str]:
        """Return the lines of restartLog.txt without their times."""
        path = self.data / "restartLog.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line.partition("  ")[2] for line in lines]
