"""bin/up, bin/status and bin/meter as a person runs them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hems.desk.up import free_port
from hems.system.process import members
from tests.fakes.led import ERROR_LINE
from tests.integration.d2l import ID, IV, KEY, D2lWorker
from tests.integration.mosquitto import program
from tests.integration.worker_process import ROOT, eventually

pytestmark = pytest.mark.integration
CHECK_S = 60
READINGS = re.compile(r"^(\d{12})  ", re.MULTILINE)


def command(name: str, *arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "bin" / name), *arguments]


def run(name: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(name, *arguments),
        env={**os.environ, **variables},
        cwd="/",  # from any directory
        capture_output=True,
        text=True,
        timeout=CHECK_S,
        check=False,
    )


class Desk:
    """bin/up in a directory of its own; ended, with all it started, at the end."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.run_dir = directory / "desk"
        self.output = directory / "output"
        argv = command("up", "--interval", "1", "--run-dir", str(self.run_dir), *arguments)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(argv, stdout=output, stderr=subprocess.STDOUT)
        eventually(lambda: "\n0200000" in self.text(), 30, "a reading is shown")
        self.supervisord = int((self.run_dir / "supervisord.pid").read_text())

    def text(self) -> str:
        return self.output.read_text()

    def status(self) -> dict[str, dict[str, object]]:
        outcome = run("status", "--run-dir", str(self.run_dir), "--json")
        return {row["name"]: row for row in json.loads(outcome.stdout)}

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        finally:
            self.process.kill()
            self.process.wait()
            for pid in members(self.supervisord):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.mark.parametrize("kind", ["mosquitto", "embedded"])
def test_a_check_ends_well_beside_another_desk(desk: Desk, kind: str) -> None:
    if kind == "mosquitto":
        program()
    outcome = run("up", "--check", "--broker", kind, "--meters", "3", "--interval", "1")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert set(READINGS.findall(outcome.stdout)) == {f"02000000000{n}" for n in (1, 2, 3)}
    assert "every meter was read, every unit is healthy" in outcome.stdout


def test_a_check_names_the_unit_that_fails_and_who_has_its_port() -> None:
    taken = free_port(20_999)
    holder = subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(taken)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        outcome = run("up", "--check", HEMS_EESMART_D2L_PORT=str(taken))
    finally:
        holder.kill()
        holder.wait()
    assert outcome.returncode == 1
    assert "eesmart-d2l is" in outcome.stderr
    assert f"port {taken}" in outcome.stderr
    assert f"pid {holder.pid}" in outcome.stderr
    assert "no reading of meter-1 (020000000001)" in outcome.stderr


def test_a_check_refuses_a_wrong_setting_at_once() -> None:
    outcome = run("up", "--check", HEMS_MQTT_TIMEOUT="5")
    assert outcome.returncode == 78
    assert "HEMS_MQTT_TIMEOUT: unknown setting; did you mean HEMS_MQTT_TIMEOUT_S?" in outcome.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_leave_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    with Desk(tmp_path) as desk:
        assert len(members(desk.supervisord)) == len(desk.status()) + 1
        desk.process.send_signal(number)
        assert desk.process.wait(30) == 0
        assert members(desk.supervisord) == []
        assert "everything has ended" in desk.text()


def test_sigkill_leaves_nothing_behind(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.process.kill()
        eventually(lambda: not members(desk.supervisord), 20, "everything has ended")


def test_the_end_of_supervisord_is_told_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        os.kill(desk.supervisord, signal.SIGKILL)
        assert desk.process.wait(30) == 1
        assert members(desk.supervisord) == []
        assert "supervisord ended with -9" in desk.text()
        assert "INFO meter-2: active" in desk.text()


def test_status_shows_every_unit_healthy(desk: Desk) -> None:
    outcome = run("status", "--run-dir", str(desk.run_dir))
    assert outcome.returncode == 0
    for name in ("broker", "eesmart-d2l", "meter-1", "meter-2"):
        assert re.search(rf"^ +{name} .* active +yes ", outcome.stdout, re.MULTILINE)


def test_an_error_of_home_assistants_lights_an_led(desk: Desk) -> None:
    eventually(lambda: "○ errors: none" in desk.text(), 20, "the LEDs are drawn")
    with (desk.run_dir / "home-assistant.log").open("a") as log:
        log.write(ERROR_LINE + "\n")
    drawn = "● errors: logged by homeassistant.components.zha"
    eventually(lambda: drawn in desk.text(), 20, "the error is shown")


def test_the_watchdog_tells_the_leds_in_the_run_directory(desk: Desk) -> None:
    eventually((desk.run_dir / "watchdog.json").exists, 20, "the watchdog's state")
    eventually(lambda: "not heard" not in str(desk.status()["led"]["status"]), 20, "it is heard")


def test_status_of_nothing_says_how_to_start_it(tmp_path: Path) -> None:
    outcome = run("status", "--run-dir", str(tmp_path))
    assert outcome.returncode == 1
    assert "nothing runs in" in outcome.stderr


def test_the_doctor_finds_nothing_wrong_with_a_desk(desk: Desk) -> None:
    outcome = run("doctor", "--run-dir", str(desk.run_dir))
    assert outcome.returncode == 0, outcome.stdout
    assert re.search(r"^ok +units +all \d+ are well$", outcome.stdout, re.MULTILINE)
    assert re.search(r"^ok +readings +02\d{10} sent \d+ s ago$", outcome.stdout, re.MULTILINE)


def test_the_doctor_of_nothing_says_how_to_start_it(tmp_path: Path) -> None:
    outcome = run("doctor", "--run-dir", str(tmp_path))
    assert outcome.returncode == 2
    assert "`python3 bin/up` starts it" in outcome.stderr


def test_supervisorctl_health_needs_nothing_but_the_file(desk: Desk) -> None:
    argv = [sys.executable, "-m", "supervisor.supervisorctl"]
    outcome = subprocess.run(
        [*argv, "-c", str(desk.run_dir / "supervisord.conf"), "health", "--json"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert {row["name"] for row in json.loads(outcome.stdout)} == desk.status().keys()


def test_a_second_desk_in_the_same_place_is_refused(desk: Desk) -> None:
    outcome = run("up", "--run-dir", str(desk.run_dir))
    assert outcome.returncode == 1
    assert "already" in outcome.stderr


def test_no_command_line_holds_a_secret(desk: Desk) -> None:
    password = (desk.run_dir / "mqtt-password").read_text().strip()
    pids = [*members(desk.supervisord), desk.process.pid]
    lines = [Path(f"/proc/{pid}/cmdline").read_text() for pid in pids]
    assert len(lines) == len(desk.status()) + 2  # supervisord and bin/up
    for line in lines:
        assert password not in line
        assert not re.search("[0-9a-f]{32}", line)


@pytest.mark.parametrize("name", ["eesmart-d2l", "meter-1", "broker"])
def test_a_killed_unit_comes_back_and_the_others_never_notice(desk: Desk, name: str) -> None:
    before = desk.status()
    os.kill(int(str(before[name]["pid"])), signal.SIGKILL)

    def is_back() -> bool:
        now = desk.status()
        return bool(now[name]["is_ready"]) and now[name]["pid"] != before[name]["pid"]

    eventually(is_back, 20, f"{name} is restarted")
    after = desk.status()
    for other in before.keys() - {name}:
        assert after[other]["pid"] == before[other]["pid"]


def meter(port: int, *arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
    dongle = {"id": f"{ID:012d}", "key": KEY.hex(), "iv": IV.hex()} | options
    given = [f"--{name}={value}" for name, value in dongle.items()]
    return run("meter", f"--port={port}", "--interval=0.1", "--count=2", *given, *arguments)


@pytest.mark.parametrize("mode", ["STANDARD", "historique"])
def test_a_meter_prints_an_answer_a_frame(tmp_path: Path, mode: str) -> None:
    with D2lWorker(tmp_path, broker_port=1) as worker:
        outcome = meter(worker.port, mode=mode)
    assert outcome.returncode == 0, outcome.stdout
    line = r"answered in \d+\.\d ms, clock 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\n"
    assert re.fullmatch(line * 2, outcome.stdout)


def test_a_meter_takes_its_dongle_from_the_environment(tmp_path: Path) -> None:
    devices = f"{ID:012d}:{KEY.hex()}:{IV.hex()}"
    with D2lWorker(tmp_path, broker_port=1) as worker:
        outcome = run("meter", f"--port={worker.port}", "--count=1", D2L_DEVICES=devices)
    assert outcome.returncode == 0, outcome.stderr


@pytest.mark.parametrize("wrong", [{"key": "0" * 32}, {"id": "999999999999"}])
def test_a_meter_that_the_server_does_not_know_says_so(
    tmp_path: Path, wrong: dict[str, str]
) -> None:
    with D2lWorker(tmp_path, broker_port=1) as worker:
        outcome = meter(worker.port, **wrong)
    assert outcome.returncode == 1
    assert outcome.stdout.count("does it know this id, key and IV?") == 2
    assert "2 of 2 frames not answered" in outcome.stderr


def test_a_meter_without_a_server_says_so() -> None:
    outcome = meter(free_port(20_998))
    assert outcome.returncode == 1
    assert "Connection refused" in outcome.stdout


def test_a_fault_that_a_person_orders_is_seen_by_the_watchdog(desk: Desk) -> None:
    order_fault(desk, internet="portal", has_vpn=False)
    eventually(lambda: "portal for" in str(desk.status()["watchdog"]["status"]), 20, "a portal")
    order_fault(desk, internet="online", has_vpn=True)
    eventually(lambda: "online for" in str(desk.status()["watchdog"]["status"]), 20, "online")


def order_fault(desk: Desk, **faults: object) -> None:
    """Do what the README tells a person to do with curl."""
    port = re.search(r"^balena +127\.0\.0\.1:(\d+), simulated", desk.text(), re.MULTILINE)
    assert port
    key = (desk.run_dir / "supervisor-key").read_text().strip()
    url = f"http://127.0.0.1:{port[1]}/control"
    headers = {"Authorization": f"Bearer {key}"}
    request = urllib.request.Request(url, json.dumps(faults).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
