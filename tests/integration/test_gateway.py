"""The real units of etc/supervisord.conf under the real supervision, with faults put in.

The desk's broker and meters stand around them, so that what counts can be seen: readings
go on arriving. Only the watchdog's time is shorter than in etc/supervisord.conf.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hems.desk import broker, run_dir, up
from hems.desk.gateway import Gateway
from hems.desk.plan import USER, Plan, environment
from hems.supervision.health import Row
from tests.integration.mosquitto import Observer, program
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

WATCHDOG_S = 2
HANG = """
import signal, time
def hang(*_):
    while True:
        time.sleep(1)
signal.signal(signal.SIGUSR1, hang)
"""


@dataclass
class Home:
    """A running gateway with its meters."""

    plan: Plan
    gateway: Gateway
    observer: Observer

    def row(self, name: str) -> Row:
        return next(row for row in self.gateway.health() if row.name == name)

    def pids(self) -> dict[str, int | None]:
        return {row.name: row.pid for row in self.gateway.health()}

    def is_well(self) -> bool:
        return all(row.is_ready and row.is_healthy for row in self.gateway.health())

    def log(self) -> str:
        return (self.plan.log_dir / "desk.log").read_text(errors="replace")

    def wait_for_readings(self) -> None:
        """Wait until a new reading of every meter has arrived."""
        topics = [f"hems/d2l/{meter.device_id}/state" for meter in self.plan.meters]
        before = {topic: self.observer.count(topic) for topic in topics}
        eventually(
            lambda: all(self.observer.count(topic) > count for topic, count in before.items()),
            20,
            "a reading of every meter",
        )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    program()
    directory = tmp_path_factory.mktemp("home")
    directory.chmod(0o700)
    plan = up.make_plan(
        directory, meter_count=2, interval_s=1.0, kind=broker.MOSQUITTO, is_check=True
    )
    conf = run_dir.fill(plan)
    text = conf.read_text()
    assert "WatchdogSec=30 " in text
    conf.write_text(text.replace("WatchdogSec=30 ", f"WatchdogSec={WATCHDOG_S} "))
    (directory / "sitecustomize.py").write_text(HANG)
    environ = environment(plan, os.environ)
    environ["PYTHONPATH"] += f":{directory}"
    with up.running(plan, conf, environ):
        gateway = Gateway(directory)
        eventually((directory / "supervisor.sock").exists, 10, "supervisord answers")
        eventually(lambda: all(row.is_ready for row in gateway.health()), 20, "all ready")
        with Observer(plan.mqtt_port, user=USER, password=plan.mqtt_password) as observer:
            running = Home(plan, gateway, observer)
            running.wait_for_readings()
            yield running


@pytest.mark.parametrize("name", ["eesmart-d2l", "meter-1", "broker", "telemetry"])
def test_a_killed_unit_is_back_and_the_others_have_not_noticed(home: Home, name: str) -> None:
    before = home.pids()
    pid = before.pop(name)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: home.row(name).pid not in (pid, None) and home.is_well(), 15, "it is back")
    after = home.pids()
    assert {other: after[other] for other in before} == before
    assert "signal 9" in home.row(name).restart_reason


def test_a_killed_unit_is_seen_in_home_assistant_with_its_reason(home: Home) -> None:
    pid, restarts = home.row("led").pid, home.row("led").restarts
    assert pid is not None
    with Observer(home.plan.mqtt_port, user=USER, password=home.plan.mqtt_password) as observer:

        def told() -> dict[str, object]:
            return dict(json.loads(observer.newest("hems/gateway/state") or "{}"))

        os.kill(pid, signal.SIGKILL)
        eventually(lambda: told().get("unit_led_restarts") == restarts + 1, 15, "the restart")
        assert "signal 9" in str(told()["unit_led_restart_reason"])
        eventually(lambda: told()["last_reading_age"] == 0, 15, "the age of a reading")


def test_a_stopped_worker_is_killed_and_readings_go_on(home: Home) -> None:
    before = home.pids()
    pid = before.pop("eesmart-d2l")
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    eventually(
        lambda: home.row("eesmart-d2l").pid not in (pid, None) and home.is_well(), 20, "it is back"
    )
    assert "watchdog" in home.row("eesmart-d2l").restart_reason
    assert {name: pid for name, pid in home.pids().items() if name in before} == before


def test_a_hung_worker_shows_where_and_is_restarted(home: Home) -> None:
    pid = home.row("eesmart-d2l").pid
    assert pid is not None
    os.kill(pid, signal.SIGUSR1)
    eventually(
        lambda: home.row("eesmart-d2l").pid not in (pid, None) and home.is_well(), 20, "it is back"
    )
    text = home.log()
    assert "Fatal Python error: Aborted" in text
    assert "in hang" in text


def test_readings_go_on_after_all_that(home: Home) -> None:
    with Observer(home.plan.mqtt_port, user=USER, password=home.plan.mqtt_password) as observer:
        Home(home.plan, home.gateway, observer).wait_for_readings()


def test_no_secret_is_in_a_log_or_on_a_command_line(home: Home) -> None:
    secrets = [
        home.plan.mqtt_password,
        *(m.key for m in home.plan.meters),
        *(m.iv for m in home.plan.meters),
    ]
    texts = [path.read_text(errors="replace") for path in home.plan.log_dir.iterdir()]
    texts.append((home.plan.run_dir / "supervisord.conf").read_text())
    texts += [Path(f"/proc/{pid}/cmdline").read_text() for pid in home.pids().values()]
    for text in texts:
        assert not any(secret in text for secret in secrets)
