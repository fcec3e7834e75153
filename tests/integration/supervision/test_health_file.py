"""The health file, for workers without root."""

import json
import os
import signal
import time

import pytest

from hems.protocols.gateway.report_decoder import is_fresh
from hems.protocols.gateway.unit_health_file import HealthReport, UnitHealth, decode
from tests.integration.supervision.rig import PLUGIN, WORKER, Rig, program

pytestmark = pytest.mark.integration

WITH_FILE = PLUGIN.replace("heartbeat =", "health_file = {folder}/health.json\nheartbeat =")
NOTIFY = "Type=notify WatchdogSec=2"


def report(rig: Rig) -> HealthReport:
    return decode((rig.folder / "health.json").read_bytes())


def unit(rig: Rig, name: str) -> UnitHealth:
    return next(one for one in report(rig).units if one.name == name)


def test_it_contains_a_workers_metrics_and_the_reason_of_its_restart(rig: Rig) -> None:
    talker = program("talker", f"{WORKER} --notify 'X_METRICS={{\"a\":1}}'", NOTIFY)
    rig.start(talker, plugin=WITH_FILE)
    rig.until(lambda: json.loads(bytes(unit(rig, "talker").metrics)) == {"a": 1})
    assert unit(rig, "talker").is_healthy
    os.kill(rig.until_state("talker", "active").pid or 0, signal.SIGKILL)
    rig.until(lambda: unit(rig, "talker").restarts == 1)
    assert "signal 9" in unit(rig, "talker").restart_reason
    assert is_fresh(report(rig), time.monotonic())


def test_every_user_may_read_it(rig: Rig) -> None:
    rig.start(program("led", WORKER), plugin=WITH_FILE)
    path = rig.folder / "health.json"
    rig.until(path.exists)
    assert path.stat().st_mode & 0o777 == 0o644


def test_one_that_cannot_be_written_does_not_end_supervision(rig: Rig) -> None:
    plugin = WITH_FILE.replace("{folder}/health.json", "/proc/nowhere/health.json")
    rig.start(program("led", WORKER), plugin=plugin)
    rig.until_state("led", "active")
    rig.until(lambda: "health_file: [Errno 2]" in rig.log())
    assert not rig.is_over()
