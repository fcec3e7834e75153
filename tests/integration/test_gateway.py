"""The real units of etc/supervisord.conf under the real supervision, with faults put in.

The desk's broker and meters stand around them, so that what counts can be seen: readings
go on arriving. Only the watchdog's time is shorter than in etc/supervisord.conf.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest

from dev.launcher import mosquitto_or_embedded_broker, run_folder
from dev.launcher.commands import up
from dev.launcher.desk_environment import environment
from dev.launcher.desk_plan import USER, Plan, make_plan
from dev.launcher.supervisord_client import SupervisordClient
from hems.errors import Unavailable
from hems.supervision.health.health_row import HealthRow
from tests.integration.mosquitto import Observer, program
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

WATCHDOG_S = 2
START_S = 60.0  # on a busy machine
# In every worker, forked or executed: a fork resets the signals, and each worker enables this.
HANG = """
import faulthandler, signal, time
def hang(*_):
    while True:
        time.sleep(1)
def enable(_enable=faulthandler.enable):
    _enable()
    signal.signal(signal.SIGUSR1, hang)
faulthandler.enable = enable
"""


@dataclass
class Home:
    """A running gateway with its meters."""

    plan: Plan
    supervisord: SupervisordClient
    observer: Observer

    def row(self, name: str) -> HealthRow:
        return next(row for row in self.supervisord.health() if row.name == name)

    def pids(self) -> dict[str, int | None]:
        return {row.name: row.pid for row in self.supervisord.health()}

    def is_well(self) -> bool:
        return all(row.is_ready and row.is_healthy for row in self.supervisord.health())

    def log(self) -> str:
        return (self.plan.log_dir / "desk.log").read_text(errors="replace")

    def control(self, *arguments: str) -> str:
        """Run supervisorctl; return what it prints."""
        command = [sys.executable, "-m", "supervisor.supervisorctl"]
        command += ["-c", str(self.plan.run_dir / "supervisord.conf"), *arguments]
        return subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=30
        ).stdout

    def problems(self) -> set[tuple[str, str]]:
        """Return name and subject of each problem that Home Assistant sees."""
        state = json.loads(self.observer.newest("hems/gateway/state") or "{}")
        listed = {(one["name"], one["subject"]) for one in state.get("problems", ())}
        assert state["problem"] is bool(listed)
        return listed

    def wait_for_readings(self) -> None:
        """Wait until a new reading of every meter has arrived."""
        topics = [f"hems/d2l/{meter.device_id}/state" for meter in self.plan.meters]
        before = {topic: self.observer.count(topic) for topic in topics}
        eventually(
            lambda: all(self.observer.count(topic) > count for topic, count in before.items()),
            20,
            "a reading of every meter",
        )


def are_ready(supervisord: SupervisordClient) -> bool:
    """Return whether every unit is; supervisord may not answer while it imports and starts them."""
    try:
        return all(row.is_ready for row in supervisord.health())
    except Unavailable:
        return False


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    program()
    directory = tmp_path_factory.mktemp("home")
    directory.chmod(0o700)
    plan = make_plan(
        directory,
        meter_count=2,
        interval_s=1.0,
        kind=mosquitto_or_embedded_broker.MOSQUITTO,
        is_check=True,
    )
    conf = run_folder.fill(plan)
    text = conf.read_text()
    assert "WatchdogSec=30 " in text
    conf.write_text(text.replace("WatchdogSec=30 ", f"WatchdogSec={WATCHDOG_S} "))
    (directory / "sitecustomize.py").write_text(HANG)
    environ = environment(plan, os.environ)
    environ["PYTHONPATH"] += f":{directory}"
    environ["HEMS_EESMART_D2L_SILENT_AFTER_S"] = "5"
    with up.running(plan, conf, environ):
        supervisord = SupervisordClient(directory)
        eventually((directory / "supervisor.sock").exists, 10, "supervisord answers")
        eventually(lambda: all(row.is_ready for row in supervisord.health()), 20, "all ready")
        with Observer(plan.mqtt_port, user=USER, password=plan.mqtt_password) as observer:
            running = Home(plan, supervisord, observer)
            running.wait_for_readings()
            yield running


@pytest.fixture
def watched(home: Home) -> Iterator[Home]:
    """Return the gateway with an observer of its own: a test may have killed the broker."""
    with Observer(home.plan.mqtt_port, user=USER, password=home.plan.mqtt_password) as observer:
        eventually(lambda: observer.count("hems/gateway/state") > 0, 15, "a state")
        yield Home(home.plan, home.supervisord, observer)


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


def test_no_dongle_is_refused_while_the_worker_restarts_again_and_again(home: Home) -> None:
    address, refused, is_over = ("127.0.0.1", home.plan.d2l_port), list[OSError](), Event()

    def connect() -> None:
        while not is_over.wait(0.05):
            try:
                socket.create_connection(address, timeout=5).close()
            except OSError as error:
                refused.append(error)

    def is_other(pid: int) -> bool:
        return home.row("eesmart-d2l").pid not in (pid, None)

    stream = Thread(target=connect)
    stream.start()
    for _ in range(2):
        pid = home.row("eesmart-d2l").pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        eventually(partial(is_other, pid), 15, "it is back")
        home.control("restart", "eesmart-d2l")  # this also ends the back-off
    is_over.set()
    stream.join()
    assert refused == []
    eventually(home.is_well, 15, "all is well")


def test_a_killed_unit_is_seen_in_home_assistant_with_its_reason(home: Home) -> None:
    pid, restarts = home.row("led").pid, home.row("led").restarts
    assert pid is not None
    with Observer(home.plan.mqtt_port, user=USER, password=home.plan.mqtt_password) as observer:

        def state() -> dict[str, object]:
            return dict(json.loads(observer.newest("hems/gateway/state") or "{}"))

        os.kill(pid, signal.SIGKILL)
        eventually(lambda: state().get("unit_led_restarts") == restarts + 1, 15, "the restart")
        assert "signal 9" in str(state()["unit_led_restart_reason"])
        eventually(lambda: state()["last_reading_age"] == 0, 15, "the age of a reading")


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


def test_a_unit_that_is_stopped_by_hand_is_a_problem_everywhere(watched: Home) -> None:
    eventually(lambda: watched.problems() == set(), 15, "no problem")
    for _ in range(2):
        watched.control("stop", "led")
        eventually(lambda: watched.problems() == {("unit-stopped", "led")}, 25, "the problem")
        health = watched.control("health", "led")
        assert "the unit led does not run: it was stopped by hand" in health
        assert f"supervisorctl -c {watched.plan.run_dir}/supervisord.conf start led`" in health
        watched.control("start", "led")
        eventually(lambda: watched.problems() == set(), 15, "its end")


def test_a_meter_that_falls_silent_is_a_problem_until_it_sends_again(watched: Home) -> None:
    meter = watched.plan.meters[0]
    expected = {("meter-silent", meter.device_id), ("unit-stopped", "meter-1")}
    for _ in range(2):
        watched.control("stop", "meter-1")
        eventually(lambda: watched.problems() == expected, 30, "both problems")
        assert "no reading since 20" in watched.control("health", "eesmart-d2l")
        watched.control("start", "meter-1")
        eventually(lambda: watched.problems() == set(), 15, "their end")


def test_readings_go_on_after_all_that(home: Home) -> None:
    with Observer(home.plan.mqtt_port, user=USER, password=home.plan.mqtt_password) as observer:
        Home(home.plan, home.supervisord, observer).wait_for_readings()


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
