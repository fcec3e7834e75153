"""A weak power supply, from the kernel's file to the gateway's list of problems.

The worker is real, and so are supervisord and the broker. /sys of a Pi is a tree in a mount
namespace, with the paths and formats of Linux's drivers/hwmon/raspberrypi-hwmon.c: every two
seconds the driver asks the firmware whether the voltage fell, and `in0_lcrit_alarm` is "1\\n" until
it asks again. Neither that driver nor the firmware can run here.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from tests.integration.mosquitto import PASSWORD, USER, Mosquitto
from tests.integration.mount_namespace import MountNamespace
from tests.integration.quick_problem_kinds import GONE_S
from tests.integration.supervision.rig import SUPERVISORD, Rig, listing, program, rig_in
from tests.required import required

pytestmark = pytest.mark.integration

WITH_FILE = listing("tests.integration.quick_problem_kinds:KINDS")
FIRMWARE = "devices/platform/soc@107c000000/soc@107c000000:firmware/raspberrypi-hwmon/hwmon/hwmon1"
POLLED_S = 2.0  # by the driver


class Pi:
    """/sys of a Raspberry Pi 5, a worker that sees it, and the list of problems."""

    def __init__(self, folder: Path, namespace: MountNamespace, rig: Rig) -> None:
        self.sys = folder / "sys"
        self._namespace, self.rig = namespace, rig
        self._add("hwmon0", "devices/virtual/thermal/thermal_zone0/hwmon0", "cpu_thermal")
        self.sensor = self._add("hwmon1", FIRMWARE, "rpi_volt")
        self.alarm = self.sensor / "in0_lcrit_alarm"
        self.alarm.write_text("0\n")

    def _add(self, name: str, place: str, driver: str) -> Path:
        """Add a sensor as the kernel does: /sys/class/hwmon has relative links to devices."""
        folder, links = self.sys / place, self.sys / "class" / "hwmon"
        folder.mkdir(parents=True)
        links.mkdir(parents=True, exist_ok=True)
        (folder / "name").write_text(f"{driver}\n")
        (links / name).symlink_to(Path("..", "..", place))
        return folder

    def start(self) -> None:
        self._namespace.mount("--bind", str(self.sys), "/sys")
        unit = "Type=notify WatchdogSec=30"
        command = program("telemetry", f"{sys.executable} -m hems telemetry", unit)
        self.rig.write(command, plugin=WITH_FILE)
        self.rig.launch([*self._namespace.enter, *SUPERVISORD])
        self.rig.until(lambda: [row.state for row in self.rig.health().values()] == ["active"], 20)

    def has_problem(self) -> bool:
        return ("undervoltage", "") in self.rig.problems()

    def is_unread(self) -> bool:
        rows = self.rig.health().values()
        return any("voltage of the supply" in row.status for row in rows)

    def pass_for(self, seconds: float, *, has_problem: bool) -> None:
        """Let time pass in which the list does not change."""
        with pytest.raises(pytest.fail.Exception):
            self.rig.until(lambda: self.has_problem() is not has_problem, seconds)


@pytest.fixture
def pi(tmp_path: Path, broker: Mosquitto, mocker: MockerFixture) -> Iterator[Pi]:
    required("" if os.geteuid() == 0 and shutil.which("unshare") else "needs root and unshare")
    variables = {
        "HEMS_CONFIG": str(Path(__file__).parents[2] / "etc" / "hems.toml"),
        "HEMS_LOGS_DIRECTORY": str(tmp_path / "log"),
        "HEMS_MQTT_HOST": "127.0.0.1",
        "HEMS_MQTT_PORT": str(broker.port),
        "HEMS_TELEMETRY_HEALTH_FILE": str(tmp_path / "health.json"),
        "MQTT_USER": USER,
        "MQTT_PASSWORD": PASSWORD,
    }
    mocker.patch.dict(os.environ, variables)
    namespace = MountNamespace()
    try:
        with rig_in(tmp_path) as rig:
            yield Pi(tmp_path, namespace, rig)
    finally:
        namespace.close()


def test_a_supply_that_stays_weak_is_a_problem_until_it_is_strong_twice(pi: Pi) -> None:
    pi.start()
    for _ in range(2):
        pi.alarm.write_text("1\n")
        pi.rig.until(pi.has_problem, 15)
        pi.alarm.write_text("0\n")
        pi.rig.until(lambda: not pi.has_problem(), 20)


def test_a_voltage_that_falls_again_and_again_is_a_problem_and_once_is_none(pi: Pi) -> None:
    pi.start()
    pi.alarm.write_text("1\n")
    pi.pass_for(POLLED_S, has_problem=False)
    pi.alarm.write_text("0\n")
    pi.pass_for(2 * GONE_S, has_problem=False)
    for _ in range(2):  # the driver latches a fall of milliseconds until it asks again
        pi.alarm.write_text("1\n")
        time.sleep(POLLED_S + 0.2)
        pi.alarm.write_text("0\n")
        time.sleep(POLLED_S)
    pi.rig.until(pi.has_problem, 5)
    pi.rig.until(lambda: not pi.has_problem(), 20)


def test_a_file_that_cannot_be_read_or_means_nothing_is_unknown(pi: Pi) -> None:
    pi.start()
    for text in ("", "2\n", "\xff\n"):
        pi.alarm.write_text(text)
        pi.rig.until(pi.is_unread, 15)
        assert not pi.has_problem()
        pi.alarm.write_text("0\n")
        pi.rig.until(lambda: not pi.is_unread(), 15)
    pi.alarm.unlink()
    pi.rig.until(pi.is_unread, 15)
    pi.alarm.mkdir()  # read() fails, as it does with EIO
    pi.pass_for(GONE_S, has_problem=False)
    assert pi.is_unread()


def test_a_driver_that_is_loaded_after_the_worker_has_started_counts(pi: Pi) -> None:
    link = pi.sys / "class" / "hwmon" / "hwmon1"
    target = link.readlink()
    link.unlink()
    pi.start()
    pi.alarm.write_text("1\n")
    pi.pass_for(2 * POLLED_S, has_problem=False)
    link.symlink_to(target)
    pi.rig.until(pi.has_problem, 15)
