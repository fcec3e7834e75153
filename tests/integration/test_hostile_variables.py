"""Real workers with variables that make no sense: who does not read one starts all the same."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from hems.settings.balena_access import BALENA
from hems.settings.load import read
from hems.worker_table import TABLE, WorkerEntry
from tests.integration.provision import ProvisionWorker
from tests.integration.worker_process import ROOT
from tests.required import required
from tests.settings.test_hostile_variables import HOSTILE, SERVICES, SETTINGS, VARIABLES

pytestmark = pytest.mark.integration

CONFIG = 78
START_S, STOP_S = 60.0, 20.0
ETC = ROOT / "etc" / "hems.toml"
# Which balena, supervisord or a person may set, besides our own.
OTHERS = (
    *("BALENA_DEVICE_UUID", "BALENA_HOST_OS_VERSION", "BALENA_DEVICE_NAME_AT_INIT"),
    *("WATCHDOG_USEC", "HOSTNAME", "TZ", "HEMS_RUN_DIR", "HEMS_UNKNOWN", "HEMS_\udcff\n"),
)
# What this test cannot leave to a default: it would write to this machine, or use its network.
OWN = ("HEMS_LOGS_DIRECTORY", "HEMS_WATCHDOG_DATA_DIRECTORY", "MQTT_PASSWORD")
SHORT = [value for value in HOSTILE if len(value) < 6000]  # the kernel limits the sum


def environ(directory: Path) -> dict[str, str]:
    """Return variables with which every worker runs here, without a peer."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HEMS_CONFIG": str(ETC),
        "HEMS_LOGS_DIRECTORY": str(directory / "log"),
        "HEMS_PROVISION_GATEWAY_DIRECTORY": str(directory / "gateway"),
        "HEMS_PROVISION_DATA_DIRECTORY": str(directory),
        "HEMS_WATCHDOG_DATA_DIRECTORY": str(directory),
        "HEMS_WATCHDOG_STATE_FILE": str(directory / "watchdog.json"),
        "HEMS_TELEMETRY_HEALTH_FILE": str(directory / "health.json"),
        "HEMS_WIFI_CONNECT_BUS": str(directory / "no-bus"),
        "HEMS_WIFI_CONNECT_HEARTBEAT": str(directory / "heartbeat"),
        "HEMS_IPTABLES_INIT_MODE": "report",
        "HEMS_LED_PINS": "mock",
        "HEMS_EESMART_D2L_HOST": "127.0.0.1",
        "HEMS_HOME_ASSISTANT_HOST": "",
        "HEMS_INFLUXDB_HOST": "",
        "MQTT_PASSWORD": "only in this test",
    }


def outcome(worker: str, directory: Path, variables: Mapping[str, str]) -> tuple[int | None, str]:
    """Return the exit status, None for a worker that reports ready; and what it has printed.

    It runs in a network of its own, which is empty.
    """
    required("" if os.geteuid() == 0 and shutil.which("unshare") else "needs root and unshare")
    output = directory / "stderr"
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifications,
        output.open("wb") as log,
    ):
        notifications.bind(str(directory / "notify"))
        notifications.settimeout(0.2)
        own = {**environ(directory), "NOTIFY_SOCKET": str(directory / "notify"), **variables}
        process = subprocess.Popen(
            ["unshare", "--net", sys.executable, "-m", "hems", worker],
            env={os.fsencode(name): os.fsencode(value) for name, value in own.items()},
            cwd=directory,
            stderr=log,
        )
        try:
            status = ready_or_ended(process, notifications)
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            finally:
                process.kill()
                process.wait()
                (directory / "notify").unlink()
    return status, output.read_text(errors="replace")


def ready_or_ended(process: subprocess.Popen[bytes], notifications: socket.socket) -> int | None:
    for _ in range(round(START_S / 0.2)):
        try:
            if b"READY=1" in notifications.recv(65_536).split(b"\n"):
                return None
        except TimeoutError:
            if process.poll() is not None:
                return process.returncode
    raise AssertionError("neither ready nor ended")


def is_read(entry: WorkerEntry, variable: str) -> bool:
    """Tell whether the worker cannot do without this variable's part."""
    part = SETTINGS.get(variable, variable)
    if variable in SERVICES:
        part = "services"
    elif variable.startswith(BALENA):
        part = BALENA
    return part in entry.settings


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
def test_what_a_worker_does_not_read_cannot_stop_it(entry: WorkerEntry, tmp_path: Path) -> None:
    chosen = random.Random(entry.name)
    for _ in range(2):
        unread = [one for one in VARIABLES if not is_read(entry, one) and one not in OWN]
        hostile = {name: chosen.choice(SHORT) for name in (*unread, *OTHERS)}
        hostile[chosen.choice(unread)] = "x" * 100_000
        status, log = outcome(entry.name, tmp_path, hostile)
        assert (status, "Traceback" in log) == (None, False), log


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
def test_what_a_worker_reads_ends_it_with_78_or_is_replaced(
    entry: WorkerEntry, tmp_path: Path
) -> None:
    chosen = random.Random(entry.name)
    used = [one for one in VARIABLES if is_read(entry, one) and one not in OWN]
    for _ in range(4):
        hostile = {name: chosen.choice(SHORT) for name in chosen.sample(used, 2)}
        problems = read(ETC, {**environ(tmp_path), **hostile}).problems
        is_stopped = any(entry.is_stopped_by(problem) for problem in problems)
        status, log = outcome(entry.name, tmp_path, hostile)
        assert "Traceback" not in log, log
        assert status == (CONFIG if is_stopped else None), log
        assert all(problem.text in log for problem in problems), log


COSMETIC = {
    "HEMS_HOME_ASSISTANT_TIME_ZONE": ("Europe/Pari", "Mars/Phobos", "\udcff", "x" * 5000),
    "HEMS_HOME_ASSISTANT_LATITUDE": ("91", "nan", "1e999", "9" * 5000, "48,8"),
    "HEMS_HOME_ASSISTANT_COUNTRY": ("France", "\udcff"),
    "HEMS_HOME_ASSISTANT_CURRENCY": ("euro", ""),
    "HEMS_HOME_ASSISTANT_LANGUAGE": ("French", "\n"),
    "HEMS_HOME_ASSISTANT_LOCATION": (" ", "\udcff"),
    "HEMS_PROVISION_NAMES": ("a..b", "fe80::1%eth0"),
    "HEMS_INFLUXDB_RETENTION_DAYS": ("for ever",),
    "CONFIG_PASSWORD": ("short", "\udcff" * 9),
    "INFLUX_TOKEN": ("white space", "x"),
    "MQTT_USERS": ("plug:short;car:long enough", "\udcff"),
    "MQTT_BRIDGE": ("mqtts://a..b", "\udcff"),
    "BALENA_APP_ID": ("9" * 5000,),
}


@pytest.mark.parametrize("round_", range(2))
def test_mistakes_that_cost_one_value_each_leave_provision_its_work(
    round_: int, tmp_path: Path
) -> None:
    wrong = {name: values[round_ % len(values)] for name, values in COSMETIC.items()}
    balena = {"SUPERVISOR_ADDRESS": "http://127.0.0.1:9", "SUPERVISOR_API_KEY": "k"}
    known = {f"BALENA_{name}": value for name, value in balena.items()}
    with ProvisionWorker(tmp_path, None, BALENA_APP_NAME="n", **known, **wrong) as worker:
        worker.wait_until_done()
        assert worker.stop() == 0
    assert (worker.gateway / "tls" / "server.crt").exists()
    assert (worker.gateway / "nginx" / "htpasswd").exists()
    assert "car:" in (worker.gateway / "mosquitto" / "device-passwd").read_text() or round_
    reported = {name for name in wrong if name in worker.log() or setting(name) in worker.log()}
    assert reported == wrong.keys()
    assert worker.log().count("the default is used") == 8
    for value in ("short;", "white space", "a..b'", "Traceback"):
        assert value not in worker.log().replace("names: found 'a..b'", "")


def setting(variable: str) -> str:
    """Return how a message names the setting of a variable, as in `[provision] names`."""
    section = SETTINGS.get(variable, variable)
    return f"[{section}] {variable.removeprefix(f'HEMS_{section.upper()}_').lower()}"
