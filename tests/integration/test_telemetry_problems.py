"""The problems that the real telemetry reports: a watchdog that hangs, a flood, a damaged store."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from device_limits import SENT_MESSAGES
from message_store import DAMAGED, NAME
from pytest_mock import MockerFixture

from tests.integration.mosquitto import PASSWORD, USER, Mosquitto
from tests.integration.mqtt_service import MqttService, publish
from tests.integration.notify_receiver import NotifyReceiver
from tests.integration.supervision.rig import Rig, listing, program, rig_in
from tests.integration.worker_process import ROOT, WorkerProcess, eventually

pytestmark = pytest.mark.integration

WITHIN_S = 60.0  # on a busy machine
PERIOD_S, VALID_S = 0.5, 3  # of the watchdog's report
BLOCKED_S = 10.0  # in place of ten minutes
STALE = [("report-stale", "watchdog")]
TOO_MUCH, STORE = "mqtt-device-sends-too-much", "mqtt-store-damaged"


@pytest.fixture
def rig(tmp_path: Path, broker: Mosquitto, mocker: MockerFixture) -> Iterator[Rig]:
    """Yield supervisord with telemetry and the watchdog, which has no Supervisor to ask."""
    run, data = tmp_path / "run", tmp_path / "data"
    run.mkdir()
    data.mkdir()
    variables: dict[str, object] = {
        "HEMS_CONFIG": ROOT / "etc" / "hems.toml",
        "HEMS_LOGS_DIRECTORY": tmp_path / "log",
        "HEMS_MQTT_HOST": "127.0.0.1",
        "HEMS_MQTT_PORT": broker.port,
        "HEMS_TELEMETRY_HEALTH_FILE": tmp_path / "health.json",
        "HEMS_WATCHDOG_DATA_DIRECTORY": data,
        "HEMS_WATCHDOG_PERIOD_S": PERIOD_S,
        "HEMS_WATCHDOG_STATE_FILE": run / "state.json",
        **{f"HEMS_WATCHDOG_{kind}": "" for kind in ("HTTP_URLS", "TCP_TARGETS", "ICMP_TARGETS")},
        "MQTT_USER": USER,
        "MQTT_PASSWORD": PASSWORD,
    }
    mocker.patch.dict(os.environ, {name: str(value) for name, value in variables.items()})
    unit = "Type=notify WatchdogSec=300"
    units = [
        program(name, f"{sys.executable} -m hems {name}", unit)
        for name in ("watchdog", "telemetry")
    ]
    with rig_in(tmp_path) as rig:
        rig.start(*units, plugin=listing("tests.integration.quick_problem_kinds:KINDS"))
        for name in ("watchdog", "telemetry"):
            rig.until_state(name, "active", WITHIN_S)
        yield rig


def test_a_watchdog_that_hangs_is_a_problem_until_it_reports_again(rig: Rig) -> None:
    pid = rig.health()["watchdog"].pid
    assert pid is not None
    rig.until(lambda: "state of the watchdog" not in rig.health()["telemetry"].status, WITHIN_S)
    for _ in range(2):
        rig.until(lambda: rig.problems() == [], WITHIN_S)
        os.kill(pid, signal.SIGSTOP)
        rig.until(lambda: rig.problems() == STALE, WITHIN_S)
        health = rig.ctl("health").stdout
        assert f"the watchdog's report is older than {VALID_S} s" in health
        assert "supervisorctl restart watchdog" in health
        os.kill(pid, signal.SIGCONT)
    rig.until(lambda: rig.problems() == [], WITHIN_S)


@contextmanager
def reported(directory: Path, service: MqttService) -> Iterator[NotifyReceiver]:
    """Yield what telemetry reports of the broker, once it has heard from it."""
    directory.mkdir()
    environ = {
        "HEMS_MQTT_HOST": "127.0.0.1",
        "HEMS_MQTT_PORT": service.port,
        "HEMS_TELEMETRY_HEALTH_FILE": directory / "health.json",
        "HEMS_WATCHDOG_STATE_FILE": directory / "state.json",
        "HEMS_WATCHDOG_DATA_DIRECTORY": directory,
        "MQTT_USER": "hems",
        "MQTT_PASSWORD": service.passwords["hems"],
    }
    with NotifyReceiver(directory) as reports:
        environ["NOTIFY_SOCKET"] = reports.path
        with WorkerProcess("telemetry", directory, environ):
            yield reports


def flood(service: MqttService, login: str) -> None:
    """Send more messages than the login may; it is cut off, or not let in."""
    with suppress(OSError), service.raw(login) as device:
        device.settimeout(10)
        if device.recv(4)[3:] == b"\0":
            device.sendall(publish(f"{login}/x", b"x", is_retained=False) * (SENT_MESSAGES + 1))
            device.recv(1)


def test_a_device_that_sends_too_much_is_a_problem_until_it_may_come_back(tmp_path: Path) -> None:
    with (
        MqttService(tmp_path, "plug:of the plug", blocked_s=BLOCKED_S) as service,
        reported(tmp_path / "telemetry", service) as reports,
    ):
        for _ in range(2):
            eventually(partial(reports.has_none, TOO_MUCH), WITHIN_S, "no problem")
            flood(service, "plug")
            eventually(partial(reports.has, TOO_MUCH), WITHIN_S, "the problem")
        eventually(partial(reports.has_none, TOO_MUCH), WITHIN_S, "its end")


def test_a_store_that_was_damaged_is_a_problem_until_its_copy_is_deleted(tmp_path: Path) -> None:
    with MqttService(tmp_path) as service, reported(tmp_path / "telemetry", service) as reports:
        for _ in range(2):
            eventually(partial(reports.has_none, STORE), WITHIN_S, "no problem")
            service.stop()
            (service.data / NAME).write_bytes(b"\xff" * 4096)
            service.start()
            eventually(partial(reports.has, STORE), WITHIN_S, "the problem")
            (service.data / DAMAGED).unlink()
        eventually(partial(reports.has_none, STORE), WITHIN_S, "its end")
