"""The real nginx, editor and InfluxDB refuse logins; telemetry counts them under supervisord."""

from __future__ import annotations

import configparser
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from dev.launcher.supervisord_client import SupervisordClient
from hems.doctor.checks import problems, refusals
from hems.errors import Unavailable
from hems.protocols.gateway import unit_health_file
from hems.protocols.gateway.reported_refusals import by_door
from hems.supervision.health.health_row import HealthRow
from hems.system.datagram_receiver import BATCH
from tests.deploy import nginx
from tests.deploy.client import Client, basic
from tests.deploy.configurator import Configurator
from tests.deploy.container import Container
from tests.deploy.lan import CLIENT, HOME_ASSISTANT, INFLUXDB, OTHER_CLIENT, PROXY
from tests.deploy.peers import Reply, peer
from tests.deploy.site import ENVIRONMENT, Site, site
from tests.integration.influxd import program
from tests.integration.worker_process import ROOT, eventually

pytestmark = pytest.mark.deploy

SOCKET = "refused-logins.sock"  # on the volume gateway
USER, PASSWORD, TOKEN = "owner", "of InfluxDB itself", "t0ken"
SET_UP = {"username": USER, "password": PASSWORD, "org": "o", "bucket": "b", "token": TOKEN}
NOBODY: dict[str, str] = {}
WRONG = basic(password="wrong")
GUESSED, RIGHT = ({"Authorization": f"Token {one}"} for one in ("guessed", TOKEN))
EDITOR, INFLUX = "the editor", "InfluxDB"
STARTED_S, STOP_S, COUNTED_S = 60.0, 60.0, 15.0
FLOOD_S, ROUND_S = 4.0, 2.0


class SupervisedTelemetry:
    """supervisord with the unit telemetry of etc/supervisord.conf; the broker is away."""

    def __init__(self, host: Container, gateway: Path, directory: Path) -> None:
        self.run = directory / "run"
        self.run.mkdir()
        (directory / "watchdog").mkdir()
        self._host, self._directory = host, directory
        self._environ = {
            **ENVIRONMENT,
            "PATH": f"{Path(sys.executable).parent}:{ENVIRONMENT['PATH']}",
            "HEMS_RUN_DIR": str(self.run),
            "HEMS_LOGS_DIRECTORY": str(directory / "log"),
            "HEMS_DATA_DIR": str(directory),
            # who else may read this checkout is not known
            **dict.fromkeys(("TELEMETRY_USER", "WATCHDOG_USER"), "root"),
            "REFUSALS_LISTEN": f"/gateway/{SOCKET}",
        }

    def start(self) -> None:
        parser = configparser.RawConfigParser()
        parser.read(ROOT / "etc" / "supervisord.conf")
        for section in parser.sections():
            if section.startswith("program:") and section != "program:telemetry":
                parser.remove_section(section)
        unit = parser["program:telemetry"]
        unit["environment"] = unit["environment"].replace("After=provision ", "")
        path = self._directory / "supervisord.conf"
        with path.open("w") as file:
            parser.write(file)
        argv = [sys.executable, "-m", "supervisor.supervisord", "-c", str(path)]
        self._process = self._host.start(argv, self._directory / "hems.log", self._environ)
        eventually(lambda: bool(self.metrics()), STARTED_S, "telemetry reports")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(STOP_S)

    def row(self) -> HealthRow | None:
        try:
            rows = SupervisordClient(self.run).health()
        except Unavailable:
            return None
        return next((row for row in rows if row.is_ready), None)

    def metrics(self) -> dict[str, Any]:
        row = self.row()
        metrics: dict[str, Any] = json.loads(row.metrics) if row else {}
        return metrics

    def counts(self) -> dict[str, int]:
        counts: dict[str, int] = self.metrics().get("refused_in_an_hour", {})
        return counts

    def found(self) -> dict[str, str]:
        """Return what was found of the problem `access-refused`, by door."""
        row = self.row()
        listed = row.problems if row else ()
        return {one.subject: one.found for one in listed if one.name == "access-refused"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The gateway with two more doors open."""
    nginx.ready()
    with site(tmp_path_factory.mktemp("site")) as whole:
        whole.provision(OPEN_PORTS="8086, 3218")
        whole.nginx.start()
        yield whole


@pytest.fixture(scope="module")
def influxdb(gateway: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The real one, set up; it ends with the site."""
    folder = tmp_path_factory.mktemp("influxd")
    options = {
        "http-bind-address": f"{INFLUXDB}:8086",
        "bolt-path": folder / "influxd.bolt",
        "sqlite-path": folder / "influxd.sqlite",
        "engine-path": folder / "engine",
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    house = gateway.lan.house
    with program() as path:
        argv = [str(path), "--reporting-disabled", *given]
        house.start(argv, {"PATH": os.environ["PATH"], "HOME": str(folder)}, folder / "log")
        eventually(lambda: house.reaches(INFLUXDB, 8086, 1), 60, "influxd listens")

        def set_up() -> int:
            with closing(HTTPConnection(INFLUXDB, 8086, timeout=60)) as connection:
                connection.request("POST", "/api/v2/setup", json.dumps(SET_UP))
                return connection.getresponse().status

        assert house.call(set_up) == 201
        yield


@pytest.fixture
def telemetry(gateway: Site, tmp_path: Path) -> Iterator[SupervisedTelemetry]:
    running = SupervisedTelemetry(gateway.host, gateway.gateway, tmp_path)
    running.start()
    yield running
    running.stop()


def at_door(gateway: Site, port: int, path: str, headers: dict[str, str], method: str) -> int:
    """Send a request to a door without TLS and return the status."""
    with closing(HTTPConnection(PROXY)) as connection:
        connection.sock = gateway.lan.connect(PROXY, port)
        connection.request(method, path, headers=headers)
        return connection.getresponse().status


SIGNIN, ME = "api/v2/signin", "api/v2/me"
REQUESTS = [  # port, method, path, headers, status, door at which it counts
    (443, "GET", "/configurator/", NOBODY, 401, ""),
    (443, "GET", "/configurator/", basic(), 200, ""),
    (443, "GET", "/configurator/", WRONG, 401, EDITOR),
    (443, "GET", "/configurator/api/folder?path=.", GUESSED, 401, EDITOR),
    (443, "GET", "/configurator/api/nothing", basic(), 404, ""),
    (3218, "GET", "/", NOBODY, 401, ""),
    (3218, "GET", "/", WRONG, 401, EDITOR),
    (443, "GET", "/influx/", NOBODY, 401, ""),
    (443, "GET", "/influx/", WRONG, 401, INFLUX),
    (443, "GET", "/influx/orgs/1", WRONG, 401, INFLUX),
    (443, "GET", f"/influx/{ME}", NOBODY, 401, ""),
    (443, "GET", f"/influx/{ME}", basic(), 401, ""),  # a browser that is not signed in
    (443, "GET", f"/influx/{ME}", GUESSED, 401, INFLUX),
    (443, "GET", f"/influx/{ME}", RIGHT, 200, ""),
    (443, "POST", f"/influx/{SIGNIN}", basic(USER, "guess"), 401, INFLUX),
    (443, "POST", f"/influx/{SIGNIN}", basic(USER, PASSWORD), 204, ""),
    (8086, "GET", f"/{ME}", NOBODY, 401, ""),
    (8086, "GET", f"/{ME}", GUESSED, 401, INFLUX),
    (8086, "POST", f"/{SIGNIN}", basic(USER, "guess"), 401, INFLUX),
    (8086, "GET", "/query?db=b&q=show+databases&u=owner&p=guess", NOBODY, 401, INFLUX),
    (8086, "GET", "/query?db=b&q=show+databases", NOBODY, 401, ""),
    (443, "GET", "/api/states", {"Authorization": "Bearer guess"}, 401, ""),  # it tells hems itself
    (443, "GET", "/configurator/", {**WRONG, "Origin": "https://a.example"}, 403, ""),
]


def test_each_refused_login_counts_and_nothing_else(
    gateway: Site,
    influxdb: None,
    editor: Configurator,
    telemetry: SupervisedTelemetry,
    client: Client,
) -> None:
    expected = {"MQTT": 0, "Home Assistant": 0, EDITOR: 0, INFLUX: 0}
    with peer(gateway.lan, HOME_ASSISTANT, 8123, lambda _: Reply(b"", status=401)):
        for port, method, path, headers, status, door in REQUESTS:
            if port == 443:
                answered = client.ask(path, headers, method=method).status
            else:
                answered = at_door(gateway, port, path, headers, method)
            assert answered == status, (port, path, headers)
            if door:
                expected[door] += 1
            eventually(lambda: telemetry.counts() == expected, COUNTED_S, f"{port} {path}")
    assert telemetry.found() == {}
    row = telemetry.row()
    assert row is not None
    assert "refused in the last hour: the editor 3, InfluxDB 7" in row.status


def test_more_than_a_hundred_an_hour_are_a_problem_that_names_the_address(
    gateway: Site, telemetry: SupervisedTelemetry
) -> None:
    guesser = gateway.client(OTHER_CLIENT)
    for number in range(110):
        guess = basic(password=f"guess {number}")
        assert guesser.ask("/configurator/", guess, tls=False).status == 307
        assert guesser.ask("/configurator/", guess).status == 401
    assert gateway.client(CLIENT).ask("/influx/", WRONG).status == 401
    words = f"more than 100 in an hour, most of them from {OTHER_CLIENT}"
    eventually(lambda: telemetry.found() == {EDITOR: words}, COUNTED_S, "the problem")
    eventually(lambda: telemetry.counts()[INFLUX] == 1, COUNTED_S, "the other page")
    assert 100 < telemetry.counts()[EDITOR] <= 110  # a full queue loses some
    health = unit_health_file.decode((telemetry.run / "health.json").read_bytes())
    assert "the editor 1" in refusals.finding(by_door(health)).found
    assert words in problems.listed(health)[0].found


def test_nginx_goes_on_while_nobody_counts_and_its_messages_reach_the_next_one(
    gateway: Site, telemetry: SupervisedTelemetry
) -> None:
    guesser = gateway.client()
    for start in range(2):
        telemetry.stop()
        started = time.monotonic()
        assert [guesser.ask("/influx/", WRONG).status for _ in range(3)] == [401] * 3
        assert time.monotonic() - started < 10
        (gateway.gateway / SOCKET).unlink(missing_ok=start == 1)
        assert guesser.ask("/influx/", WRONG).status == 401
        telemetry.start()
        # The one that finds the old socket closed is lost.
        for _ in range(3):
            assert guesser.ask("/influx/", WRONG).status == 401
        eventually(lambda: telemetry.counts()[INFLUX] >= 2, COUNTED_S, "counted again")


def test_a_flood_of_messages_costs_bounded_time(
    gateway: Site, telemetry: SupervisedTelemetry
) -> None:
    line = "<190>Dec  1 08:00:00 nginx: editor 10.{}.{}.{}"
    sent, lost, ends_at = 0, 0, time.monotonic() + FLOOD_S
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
        stranger.connect(str(gateway.gateway / SOCKET))
        stranger.setblocking(False)
        while time.monotonic() < ends_at:
            try:
                stranger.send(line.format(sent >> 16, sent >> 8 & 255, sent & 255).encode())
                sent += 1
            except BlockingIOError:
                lost += 1
                time.sleep(0)
    eventually(lambda: telemetry.counts()[EDITOR] > BATCH / 2, COUNTED_S, "many are counted")
    time.sleep(2 * ROUND_S)
    assert telemetry.counts()[EDITOR] <= BATCH * (FLOOD_S / ROUND_S + 2)
    assert lost > 0
    row = telemetry.row()
    assert row is not None
    assert (row.restarts, list(telemetry.found())) == (0, [EDITOR])
