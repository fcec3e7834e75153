"""A gateway's nginx between a home and its services, and what provision makes for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.broker import FILES as MQTT
from tests.deploy.broker import LIBRARIES, MOSQUITTO
from tests.deploy.client import PASSWORD, USER, Client
from tests.deploy.container import Container
from tests.deploy.lan import CLIENT, PROXY, Lan
from tests.deploy.nginx import Nginx
from tests.integration import mosquitto
from tests.integration.namespaces import ENVIRON
from tests.integration.worker_process import ROOT, eventually

UUID = "0123456789abcdef0123456789abcdef"
NAME = "gateway.local"
PUBLIC_NAME = "home.example.org"  # of a tunnel
DEVICE = "zigbee"  # a device of the home with a login at the broker
ENVIRONMENT = {
    **ENVIRON,
    "PYTHONPATH": str(ROOT),
    "HEMS_CONFIG": str(ROOT / "etc" / "hems.toml"),
    "HEMS_LOGS_DIRECTORY": "/run/log",
    "HEMS_PROVISION_NAMES": ",".join((PROXY, NAME, PUBLIC_NAME)),
    "BALENA_DEVICE_UUID": UUID,
    "HEMS_HOME_ASSISTANT_HOST": "",  # played here: nothing to set up
    "HEMS_INFLUXDB_HOST": "",  # played here: nothing to set up
    "CONFIG_USER": USER,
    "CONFIG_PASSWORD": PASSWORD,
    "MQTT_USER": mosquitto.USER,
    "MQTT_PASSWORD": mosquitto.PASSWORD,
    "MQTT_HOMEASSISTANT_PASSWORD": mosquitto.PASSWORD,
    "MQTT_USERS": f"{DEVICE}:{mosquitto.PASSWORD}",
}
MADE = ("tls/server.crt", "nginx/htpasswd", "nginx/doors.conf", "mosquitto.conf")


@dataclass(frozen=True)
class Site:
    """`gateway` is the volume of this name, empty yet; `host` runs what is not nginx."""

    lan: Lan
    host: Container
    nginx: Nginx
    gateway: Path
    directory: Path

    def client(self, address: str = CLIENT) -> Client:
        return Client(self.lan, self.gateway / "tls" / "ca.crt", address)

    def provision(self, changed: str = MADE[0], **variables: str) -> None:
        """Run the worker until all its files are there and the one called `changed` is another."""
        before = self._content(changed)
        log = self.directory / "provision.log"
        argv = [sys.executable, "-m", "hems", "provision"]
        process = self.host.start(argv, log, {**ENVIRONMENT, **variables})

        def is_done() -> bool:
            assert process.poll() is None, log.read_text()
            return all(map(self._content, MADE)) and self._content(changed) != before

        eventually(is_done, 20, f"{changed} is made")
        process.terminate()
        process.wait(10)

    def _content(self, name: str) -> bytes:
        path = self.gateway / name
        return path.read_bytes() if path.exists() else b""


@contextmanager
def site(directory: Path, card: Path | None = None) -> Iterator[Site]:
    """Connect everything; it is gone at the end, however that comes.

    `card` is where the volumes are, by default in `directory`, where the logs are.
    """
    gateway, data, store = ((card or directory) / name for name in ("gateway", "data", "store"))
    for one in (gateway, data, store):
        one.mkdir()
    os.chown(store, MOSQUITTO, MOSQUITTO)
    mounts = {
        "/gateway": gateway,
        "/data": data,
        "/run": None,
        "/run/mosquitto": None,
        "/mosquitto/config": MQTT,
        "/mosquitto/data": store,
        "/opt/broker": MQTT,
        **LIBRARIES,
    }
    lan = Lan()
    try:
        host = Container(lan.house, mounts, {"mosquitto": MOSQUITTO})
        nginx = Nginx(lan.proxy, gateway, directory)
        yield Site(lan, host, nginx, gateway, directory)
    finally:
        lan.close()
