"""The real watchdog restarts an InfluxDB that answers but gets no new points."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from hems.system import files
from tests.fakes.telemetry import PROBLEM, row
from tests.integration.balena import RESTARTS, WITHIN_S, Balena, WatchdogWorker
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

MISSING = PROBLEM | {"name": "influxdb-no-new-points", "subject": "", "found": "no point in 4 min"}


def report(path: Path, *problems: dict[str, object]) -> None:
    """Let supervisord have written its list of problems now."""
    units = [row("led"), row("provision", problems=list(problems))]
    files.replace(path, json.dumps({"written_at": time.monotonic(), "units": units}).encode())


def test_it_is_restarted_while_points_are_missing_and_within_its_budget(
    tmp_path: Path, balena: Balena
) -> None:
    health = tmp_path / "health.json"
    with WatchdogWorker(tmp_path, balena, HEMS_TELEMETRY_HEALTH_FILE=health) as worker:
        for restarts in (1, 2):
            report(health, PROBLEM)
            worker.pass_rounds(6)
            assert len(balena.calls(RESTARTS)) == restarts - 1
            report(health, PROBLEM, MISSING)

            def is_restarted(count: int = restarts) -> bool:
                return len(balena.calls(RESTARTS)) == count

            eventually(is_restarted, WITHIN_S, "it is restarted")
            report(health)
        assert all(call.endswith("influxdb") for call in balena.calls(RESTARTS))
        report(health, MISSING)
        eventually(lambda: worker.state().given_up == ("influxdb",), 30, "it is given up")
        assert "no point in 4 min" in worker.log()
