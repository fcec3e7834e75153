"""bin/up, bin/status and bin/meter as a person runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dev.launcher.free_port import free_port
from hems.system.subprocesses import members
from tests.fakes.led import ERROR_LINE
from tests.integration.d2l import ID, IV, KEY, D2lWorker
from tests.integration.mosquitto import program
from tests.integration.worker_process import ROOT, eventually

pytestmark = pytest.mark.integration
CHECK_S = 60
NOTHING = "{0}: no gateway runs in {1}; to start one, run `python3 bin/up --run-dir {1}`\n"
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

    def __init__(self, directory: Path, *arguments: str, **variables: str) -> None:
        self.run_dir = directory / "desk"
        self.output = directory / "output"
        argv = command("up", "--interval", "1", "--run-dir", str(self.run_dir), *arguments)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                argv, env={**os.environ, **variables}, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            eventually(lambda: "\n0200000" in self.text(), 30, "a reading is shown")
            self.supervisord = int((self.run_dir / "supervisord.pid").read_text())
        except BaseException:
            self.process.terminate()
            self.process.wait(30)
            raise

    def text(self) -> str:
        return self.output.read_text()

    def shows(self, text: str) -> bool:
        return text in self.text()

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
    assert "every meter has published a reading, every unit is healthy" in outcome.stdout


def test_a_check_names_the_unit_that_fails_and_shows_its_log() -> None:
    outcome = run("up", "--check", HEMS_LED_PINS="gpio")  # this machine has no pin header
    assert outcome.returncode == 1
    assert "the desk does not work:" in outcome.stderr
    assert "led has failed: exit status 78" in outcome.stderr


def test_a_mistake_that_stops_no_worker_is_named_and_stops_no_desk() -> None:
    outcome = run("up", "--check", HEMS_MQTT_TIMEOUT="5", WIFI_PORTAL_PASSPHRASE="short")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    for line in (
        "HEMS_MQTT_TIMEOUT: unknown setting; did you mean HEMS_MQTT_TIMEOUT_S?",
        "WIFI_PORTAL_PASSPHRASE: found 5 characters, expected 8 to 63 printable",
        "no worker of the desk reads it",
    ):
        assert line in " ".join(outcome.stdout.split())


def test_a_mistake_stops_the_workers_that_it_stops_on_a_device() -> None:
    outcome = run("up", "--check", HEMS_LED_PROBE_TIMEOUT_S="x")
    assert outcome.returncode == 1
    line = "wrong HEMS_LED_PROBE_TIMEOUT_S: found 'x', expected a number; led does not start"
    assert line in " ".join(outcome.stdout.split())
    assert "led has failed: exit status 78" in outcome.stderr
    assert "eesmart-d2l has failed" not in outcome.stderr


def test_a_file_of_settings_that_cannot_be_read_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "hems.toml").write_text("[mqtt\n")
    outcome = run("up", "--check", HEMS_CONFIG=str(tmp_path / "hems.toml"))
    assert outcome.returncode == 78
    assert "line 1: a section's name is not closed" in outcome.stderr


def test_a_desk_works_on_another_address_of_this_machine() -> None:
    outcome = run("up", "--check", "--interval", "1", "--listen", "127.0.0.2")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert re.search(r"^D2L +127\.0\.0\.2:", outcome.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    "wrong",
    [("--listen", "192.0.2.1"), ("--listen", "here"), ("--meters", "-1"), ("--interval", "0")],
    ids=" ".join,
)
def test_an_option_out_of_range_is_one_line(wrong: tuple[str, str]) -> None:
    outcome = run("up", "--check", *wrong)
    assert outcome.returncode == 78
    assert outcome.stderr.startswith(f"up: {' '.join(wrong)}: expected ")
    assert outcome.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_leave_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    with Desk(tmp_path) as desk:
        assert len(members(desk.supervisord)) == len(desk.status()) + 1
        desk.process.send_signal(number)
        assert desk.process.wait(30) == 0
        assert members(desk.supervisord) == []
        assert desk.text().endswith("stopping ...\neverything has stopped\n")


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


def test_a_deleted_run_folder_ends_the_desk_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        shutil.rmtree(desk.run_dir)
        assert desk.process.wait(30) == 1
        assert members(desk.supervisord) == []
        assert f"up: {desk.run_dir} was deleted while the desk ran in it" in desk.text()


def test_spoilt_frames_are_shown_as_refused(desk: Desk) -> None:
    eventually(lambda: "refused (wrong CRC or key: " in desk.text(), 30, "a refused frame")
    assert "refused (mostly: wrong CRC or key)" in str(desk.status()["eesmart-d2l"]["status"])


def test_every_restart_is_shown_with_its_reason(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        for count in (1, 2):
            os.kill(int(str(desk.status()["led"]["pid"])), signal.SIGKILL)
            line = f"led: restart {count}: killed by signal 9"
            eventually(partial(desk.shows, line), 20, "the restart is shown")


def test_status_shows_every_unit_healthy(desk: Desk) -> None:
    outcome = run("status", "--run-dir", str(desk.run_dir))
    assert outcome.returncode == 0
    for name in ("broker", "eesmart-d2l", "meter-1", "meter-2"):
        assert re.search(rf"^ +{name} +active ", outcome.stdout, re.MULTILINE)


def test_the_advice_of_a_problem_works_where_it_is_read(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        conf = str(desk.run_dir / "supervisord.conf")
        control = [sys.executable, "-m", "supervisor.supervisorctl"]
        subprocess.run([*control, "-c", conf, "stop", "meter-1"], cwd=ROOT, check=True, timeout=30)
        where = "--run-dir", str(desk.run_dir)
        eventually(lambda: "unit-stopped meter-1" in run("status", *where).stdout, 25, "a problem")
        status = run("status", *where)
        assert status.returncode == 0  # what a person wants is no fault
        [advice] = re.findall(r"operator: run `\.venv/bin/supervisorctl (.+)`", status.stdout)
        assert advice in run("doctor", *where).stdout
        subprocess.run([*control, *advice.split()], cwd=ROOT, check=True, timeout=30)
        eventually(lambda: "unit-stopped" not in run("status", *where).stdout, 25, "it is over")


def test_the_live_page_shows_the_desks_meters_and_units(desk: Desk) -> None:
    url = re.search(r"^page +(http://127\.0\.0\.1:\d+/)$", desk.text(), re.MULTILINE)
    assert url

    def shown() -> dict[str, Any]:
        with urllib.request.urlopen(f"{url[1]}live.json", timeout=10) as answer:
            return dict(json.loads(answer.read()))

    eventually(lambda: len(shown()["meters"]) == 2, 20, "both meters are shown")
    units = len(desk.status())
    assert shown()["units"] == {"all": units, "ready": units, "complaints": []}


def test_an_error_of_home_assistants_lights_an_led(desk: Desk) -> None:
    eventually(lambda: "○ errors: none" in desk.text(), 20, "the LEDs are drawn")
    with (desk.run_dir / "home-assistant.log").open("a") as log:
        log.write(ERROR_LINE + "\n")
    drawn = "● errors: logged by homeassistant.components.zha"
    eventually(lambda: drawn in desk.text(), 20, "the error is shown")


def test_the_watchdog_tells_the_leds_in_the_run_directory(desk: Desk) -> None:
    eventually((desk.run_dir / "watchdog/state.json").exists, 20, "the watchdog's state")
    eventually(lambda: "not heard" not in str(desk.status()["led"]["status"]), 20, "it is heard")


def test_status_of_nothing_says_how_to_start_it(tmp_path: Path) -> None:
    outcome = run("status", "--run-dir", str(tmp_path))
    assert outcome.returncode == 1
    assert outcome.stderr == NOTHING.format("status", tmp_path)


def test_the_doctor_finds_nothing_wrong_with_a_desk(desk: Desk) -> None:
    outcome = run("doctor", "--run-dir", str(desk.run_dir))
    assert outcome.returncode == 0, outcome.stdout
    assert re.search(r"^ok +units +all \d+ are healthy$", outcome.stdout, re.MULTILINE)
    assert re.search(r"^ok +readings +02\d{10} sent \d+ s ago$", outcome.stdout, re.MULTILINE)


def test_the_doctor_of_nothing_says_how_to_start_it(tmp_path: Path) -> None:
    outcome = run("doctor", "--run-dir", str(tmp_path))
    assert outcome.returncode == 2
    assert outcome.stderr == NOTHING.format("doctor", tmp_path)


def test_a_meter_pushes_to_the_desk_wherever_its_port_is(desk: Desk) -> None:
    outcome = run("meter", "--run-dir", str(desk.run_dir), "--count=1", D2L_DEVICES="")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


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


@pytest.mark.parametrize("options", [{"mode": "STANDARD"}, {"kind": "historique-tempo"}])
def test_a_meter_prints_an_answer_a_frame(tmp_path: Path, options: dict[str, str]) -> None:
    with D2lWorker(tmp_path, broker_port=1) as worker:
        outcome = meter(worker.port, **options)
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
    assert "2 of 2 frames got a wrong answer or none" in outcome.stderr


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


def test_the_doctor_judges_the_variables_that_bin_up_was_given(tmp_path: Path) -> None:
    given = {
        "CONFIG_PASSWORD": "short",
        "WIFI_PORTAL_PASSPHRASE": "short",
        "HEMS_HOME_ASSISTANT_COUNTRY": "fr",
        "HEMS_FOO": "1",
    }
    with Desk(tmp_path, **given) as desk:
        outcome = run("doctor", "--run-dir", str(desk.run_dir), INFLUX_TOKEN="of another shell")
        settings = re.findall(r"^(\w+) +settings +(\S+)", outcome.stdout, re.MULTILINE)
        assert sorted(settings) == [
            ("FAILED", "CONFIG_PASSWORD"),
            ("FAILED", "WIFI_PORTAL_PASSPHRASE:"),
            ("FAILED", "[home_assistant]"),
            ("note", "ignored:"),
        ]
        texts = [one.read_text() for one in desk.run_dir.rglob("*.json")]
        assert not [text for text in texts if given["CONFIG_PASSWORD"] in text]
