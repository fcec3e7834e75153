"""The simulated balena Supervisor on a free port, and the real watchdog worker beside it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from dev.launcher.free_port import free_port
from dev.simulator.balena_device import SimulatedDevice
from dev.simulator.balena_faults import Faults
from dev.simulator.balena_server import SimulatedSupervisor
from hems.clients.balena.supervisor_api import BalenaSupervisor, SupervisorAccess
from hems.protocols.gateway import watchdog_report
from hems.protocols.gateway.watchdog_report import WatchdogState
from tests.integration.worker_process import WorkerProcess, eventually

KEY, APP_ID, APP_NAME = "0123456789abcdef-the-key", 1234567, "home"
STEP_S = 0.1
WITHIN_S = 15.0
OFFLINE = {"internet": "none", "has_vpn": False}
RESTARTS, REBOOT = "restart-service", "POST /v1/reboot"


class Balena:
    """A Supervisor, and its control endpoint."""

    def __init__(self) -> None:
        device = SimulatedDevice(APP_ID, APP_NAME, Faults(grace_s=0.3))
        self._server = SimulatedSupervisor(free_port(None), KEY, device)
        self.address = self._server.address

    def __enter__(self) -> Balena:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def restart_supervisor(self) -> None:
        """Start the Supervisor's process again, which opens the API."""
        self._server.restart()

    @property
    def reboots(self) -> int:
        return self._server.device.reboots

    def order(self, **faults: object) -> None:
        self._control(json.dumps(faults).encode())

    def calls(self, part: str = "") -> list[str]:
        return [call for call in self._control(None)["calls"] if part in call]

    def client(
        self, key: str = KEY, timeout_s: float = 2.0, app_id: int = APP_ID
    ) -> BalenaSupervisor:
        return BalenaSupervisor(
            SupervisorAccess(self.address, key, app_id, APP_NAME, timeout_s, timeout_s)
        )

    def _control(self, body: bytes | None) -> Any:
        """Use the control endpoint; without HTTP, because a reboot closes the port."""
        method = "POST" if body else "GET"
        answer = self._server.answer(method, "/control", f"Bearer {KEY}", body or b"")
        assert answer is not None
        return json.loads(answer.body)


class WatchdogWorker(WorkerProcess):
    """`python -m hems watchdog` with ten rounds a second; it probes `balena` and nothing else."""

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
        for name, value in own.items():
            environ[name if name.isupper() else f"HEMS_WATCHDOG_{name.upper()}"] = value
        if balena:
            environ["BALENA_SUPERVISOR_ADDRESS"] = address
            environ["BALENA_SUPERVISOR_API_KEY"] = KEY
            environ["BALENA_APP_ID"] = APP_ID
            environ["BALENA_APP_NAME"] = APP_NAME
        super().__init__("watchdog", directory, environ)

    def is_up(self) -> bool:
        return self._state_file.exists()

    def state(self) -> WatchdogState:
        return watchdog_report.decode(self._state_file.read_bytes())

    def pass_rounds(self, count: int) -> None:
        """Return when `count` more rounds have ended; each of them writes a report."""
        for _ in range(count):
            earlier = self.state().written_at
            eventually(partial(self._has_report_after, earlier), WITHIN_S, "a round has ended")

    def _has_report_after(self, monotonic_s: float) -> bool:
        return self.state().written_at > monotonic_s

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
