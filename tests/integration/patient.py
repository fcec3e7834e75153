"""A gateway for the real doctor: everything works until a test causes a fault."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hems.supervision.health.health_json import HealthEncoder
from hems.supervision.health.health_row import HealthRow
from tests.deploy.peers import HttpRequest, Reply
from tests.fakes.influxdb import FakeInfluxdb
from tests.integration.balena import APP_ID, APP_NAME, KEY, Balena
from tests.integration.influxdb import TOKEN, served
from tests.integration.mosquitto import PASSWORD, USER, Mosquitto, Observer
from tests.integration.provision import provisioned
from tests.integration.worker_process import ROOT

METER = "021234567890"
NGINX = "127.77.0.4"  # a loopback address of its own: the doctor asks port 443
FIREWALL = {
    "mode": "enforce",
    "is_permitted": True,
    "slots": {"nf_tables filter/DOCKER-USER": True},
    "problems": {},
    "fights": [],
}
ROW = HealthRow("eesmart-d2l", "notify", "active", "", True, True, "", 0, "", "{}")


def page(_request: HttpRequest) -> Reply:
    return Reply(b"", status=204)


@dataclass
class Patient:
    """What the doctor examines; supervisord wrote the health of `units` `report_age_s` ago."""

    directory: Path
    environ: dict[str, str]
    influxdb: FakeInfluxdb
    broker: Mosquitto
    units: list[HealthRow] = field(default_factory=list)
    report_age_s: float = 1.0

    def send(self, age_s: float) -> None:
        """Publish the meter's state with the time of a frame that came `age_s` ago."""
        came = datetime.fromtimestamp(time.time() - age_s, UTC).isoformat(timespec="seconds")
        topic = f"hems/d2l/{METER}/state"
        with Observer(self.broker.port) as observer:
            observer._client.publish(topic, json.dumps({"last_frame": came}), 1, retain=True)
            deadline = time.monotonic() + 10
            while not observer.count(topic) and time.monotonic() < deadline:
                time.sleep(0.02)

    def examine(self, **variables: object) -> tuple[int, str]:
        """Return the doctor's exit code and its whole output."""
        written_at = time.monotonic() - self.report_age_s
        (self.directory / "health.json").write_text(HealthEncoder().report(self.units, written_at))
        outcome = subprocess.run(
            [sys.executable, "-m", "hems.doctor"],
            env=self.environ | {name: str(value) for name, value in variables.items()},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return outcome.returncode, outcome.stdout + outcome.stderr


def well() -> list[HealthRow]:
    firewall = ROW._replace(name="iptables-init", metrics=json.dumps(FIREWALL))
    return [ROW, firewall, ROW._replace(name="provision")]


@contextmanager
def tls_server(tls: Path) -> Iterator[None]:
    """Shake hands on NGINX:443 with the certificate in `tls`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "server.crt", tls / "server.key")
    listener = socket.create_server((NGINX, 443))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:  # the client rejected the certificate
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


@contextmanager
def supervisord_socket(path: Path) -> Iterator[None]:
    """Listen where supervisord does."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        yield


@contextmanager
def patient(directory: Path) -> Iterator[Patient]:
    """Yield a gateway on which everything works."""
    logins = {"INFLUX_TOKEN": TOKEN, "MQTT_USER": USER, "MQTT_PASSWORD": PASSWORD}
    made = provisioned(directory, **logins)
    influxdb = FakeInfluxdb()
    influxdb.set_up(TOKEN)
    with ExitStack() as stack:
        broker = Mosquitto(directory)
        broker.start()
        stack.callback(broker.kill)
        balena = stack.enter_context(Balena())
        port, web = (stack.enter_context(served(one)) for one in (influxdb, page))
        nginx = stack.enter_context(served(page, NGINX))
        stack.enter_context(supervisord_socket(directory / "supervisor.sock"))
        stack.enter_context(tls_server(made.gateway / "tls"))
        for door in (80, 7845, 8883):
            stack.enter_context(socket.create_server((NGINX, door)))
        url = f"http://127.0.0.1:{web}/"
        environ = {
            **logins,
            "PATH": os.environ["PATH"],
            "D2L_DEVICES": f"{METER}:{'a1' * 16}:{'b2' * 16}",
            "BALENA_SUPERVISOR_ADDRESS": balena.address,
            "BALENA_SUPERVISOR_API_KEY": KEY,
            "BALENA_APP_ID": str(APP_ID),
            "BALENA_APP_NAME": APP_NAME,
            "HEMS_CONFIG": str(ROOT / "etc" / "hems.toml"),
            "HEMS_EESMART_D2L_REQUIRE_SYNCHRONISED_CLOCK": "false",
            "HEMS_INFLUXDB_HOST": "127.0.0.1",
            "HEMS_INFLUXDB_PORT": str(port),
            "HEMS_LED_PINS": "mock",
            "HEMS_MQTT_HOST": "127.0.0.1",
            "HEMS_MQTT_PORT": str(broker.port),
            "HEMS_PROVISION_DATA_DIRECTORY": str(made.data),
            "HEMS_PROVISION_GATEWAY_DIRECTORY": str(made.gateway),
            "HEMS_SERVICES_HOMEASSISTANT_PROBE": url,
            "HEMS_SERVICES_INFLUXDB_PROBE": url,
            "HEMS_SERVICES_MQTT_PROBE": f"tcp://127.0.0.1:{broker.port}",
            "HEMS_SERVICES_NGINX_REVERSE_PROXY_PROBE": f"http://{NGINX}:{nginx}/",
            "HEMS_TELEMETRY_HEALTH_FILE": str(directory / "health.json"),
            "HEMS_WATCHDOG_HTTP_URLS": url,
            "HEMS_WATCHDOG_TCP_TARGETS": f"127.0.0.1:{web}",
        }
        gateway = Patient(directory, environ, influxdb, broker, well())
        gateway.send(5)
        yield gateway
