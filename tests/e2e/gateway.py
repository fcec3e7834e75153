"""The whole gateway without its containers: every service is the real one, but InfluxDB.

The compose project's addresses and volumes are those of tests/deploy; balena's Supervisor is
simulated, but what it restarts is real. A variable is for all services, as one of a fleet is.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from dev.simulator.balena_device import SimulatedDevice
from dev.simulator.balena_server import SimulatedSupervisor
from tests.deploy import broker
from tests.deploy.client import PASSWORD, USER
from tests.deploy.container import INSIDE
from tests.deploy.lan import INFLUXDB
from tests.deploy.peers import peer
from tests.deploy.site import Site, site
from tests.e2e import container_stop
from tests.e2e.hems import SUPERVISOR_PORT, Hems
from tests.e2e.home_assistant import HomeAssistant
from tests.e2e.influxdb import InfluxDb
from tests.e2e.usb_stick import TTYS
from tests.e2e.victoria_metrics import VictoriaMetrics
from tests.integration.balena import APP_ID, APP_NAME, KEY
from tests.integration.d2l import entry

DEVICES = {"plug": "password of the plug", "car": "password of the car"}  # MQTT logins
VARIABLES = {
    "CONFIG_USER": USER,
    "CONFIG_PASSWORD": PASSWORD,
    "D2L_DEVICES": entry(),
    "MQTT_USERS": ";".join(f"{name}:{password}::tls" for name, password in DEVICES.items()),
}
LOG_END = 4000  # characters of each log
running_gateways: list[Gateway] = []


class Containers(SimulatedDevice):
    """balena's device; a restart is one of the real service."""

    gateway: Gateway

    def restart(self, name: str) -> bool:
        self.gateway.restart(name)
        return super().restart(name)


class Gateway:
    """Off until `power_on`; only InfluxDB answers already."""

    def __init__(self, whole: Site, root: Path, card: Path) -> None:
        self.site = whole
        self.card = card
        self.home_assistant = HomeAssistant(
            whole.lan.house, root, whole.gateway, whole.directory, card
        )
        ttys = str(self.home_assistant.usb.ttys)
        whole.lan.house.run("mount", "--bind", ttys, f"{INSIDE}{TTYS}")
        self.hems = Hems(whole.host, whole.directory, self.home_assistant.log_file)
        self.influxdb = InfluxDb(VictoriaMetrics(whole.lan, whole.directory))
        self.variables = dict(VARIABLES)
        self.device = Containers(APP_ID, APP_NAME)
        self.device.gateway = self
        self._broker: subprocess.Popen[bytes] | None = None
        # A program gets a signal when the thread that started it ends: this one lasts.
        self._starter = ThreadPoolExecutor(max_workers=1)

    def power_on(self) -> None:
        """Start everything at once, as Docker does; wait until nothing is left to provision."""
        for start in (
            self._start_broker,
            self._start_home_assistant,
            self._start_hems,
            self.site.nginx.start,
        ):
            self._starter.submit(start).result()
        self.hems.until_settled()
        self.home_assistant.wait()

    def cut_power(self) -> None:
        """End every process of the services at once; what was in memory is gone."""
        container_stop.kill(self.processes().values())
        self.hems.forget()

    def restart(self, service: str) -> None:
        """Stop and start a service, with the variables of now."""
        self.stop(service)
        self.start(service)

    def stop(self, service: str) -> None:
        stop = {
            "hems": self.hems.stop,
            "homeassistant": self.home_assistant.stop,
            "mqtt": self._stop_broker,
            "nginx-reverse-proxy": self.site.nginx.stop,
        }[service]
        self._starter.submit(stop).result()

    def start(self, service: str) -> None:
        """Start a service, with the variables of now."""
        start = {
            "hems": self._start_hems,
            "homeassistant": self._start_home_assistant,
            "mqtt": self._start_broker,
            "nginx-reverse-proxy": self.site.nginx.start,
        }[service]
        self._starter.submit(start).result()

    def processes(self) -> dict[str, int]:
        """Return the first process of each service that runs, by its name in docker-compose.yml."""
        assert self._broker is not None
        return {
            "homeassistant": self.home_assistant.pid,
            "nginx-reverse-proxy": self.site.nginx.pid,
            "mqtt": self._broker.pid,
            "hems": self.hems.pid,
        }

    def secret(self, name: str) -> str:
        """Return what provision made."""
        return (self.site.gateway / "secrets" / name).read_text()

    def logs(self) -> dict[str, str]:
        """Return what every service has said, by log."""
        paths = [*self.site.directory.glob("*.log"), *self.hems.logs.glob("*.log")]
        paths += self.home_assistant.config.glob("home-assistant.log*")
        return {str(path): path.read_text(errors="replace") for path in sorted(paths)}

    def report(self) -> str:
        """Return the end of each log."""
        return "\n".join(f"--- {name}\n{text[-LOG_END:]}" for name, text in self.logs().items())

    def close(self) -> None:
        self._starter.shutdown()

    def _start_hems(self) -> None:
        self.hems.start(self.variables)

    def _start_home_assistant(self) -> None:
        self.home_assistant.start(self.variables)

    def _start_broker(self) -> None:
        log = self.site.directory / "mosquitto.log"
        self._broker = self.site.host.start(broker.COMMAND, log)

    def _stop_broker(self) -> None:
        assert self._broker is not None
        container_stop.stop(self._broker, "mqtt")


@contextmanager
def gateway(root: Path, directory: Path, card: Path | None = None) -> Iterator[Gateway]:
    """Yield a gateway that is off, Home Assistant's root being `root`.

    `card` is where the volumes are, by default in `directory`, where the logs are.
    """
    with site(directory, card) as whole:
        running = Gateway(whole, root, card or directory)
        supervisor: SimulatedSupervisor = whole.lan.house.call(
            lambda: SimulatedSupervisor(SUPERVISOR_PORT, KEY, running.device)
        )
        supervisor.start()
        running_gateways.append(running)
        try:
            with peer(whole.lan, INFLUXDB, 8086, running.influxdb):
                yield running
        finally:
            running_gateways.remove(running)
            supervisor.close()
            running.close()
