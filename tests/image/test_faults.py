"""What is killed comes back, and what hangs is ended; the others do not notice."""

from __future__ import annotations

import pytest

from tests.image.fleet import Fleet
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.image
WORKER = "eesmart-d2l"
WATCHDOG_S = 30  # WatchdogSec of the worker in etc/supervisord.conf


@pytest.mark.parametrize(("signal", "within_s"), [("KILL", 5.0), ("STOP", WATCHDOG_S + 10.0)])
def test_a_worker_that_dies_or_hangs_is_restarted_alone(
    fleet: Fleet, signal: str, within_s: float
) -> None:
    before = fleet.health()
    fleet.hems.signal(signal, before[WORKER].pid or 0)

    def is_restarted() -> bool:
        row = fleet.health().get(WORKER)
        return row is not None and row.is_ready and row.restarts == before[WORKER].restarts + 1

    eventually(is_restarted, within_s, f"{WORKER} is back")
    after = fleet.health()
    del before[WORKER], after[WORKER]
    assert {row.name: row.pid for row in after.values()} == {
        row.name: row.pid for row in before.values()
    }


def test_a_broker_that_is_gone_is_said_and_found_again(fleet: Fleet) -> None:
    fleet.containers["mqtt"].stop()
    eventually(lambda: "MQTT away" in fleet.status(WORKER), 20, "it says so")
    assert fleet.is_green()  # nothing to restart: a peer is down
    fleet.containers["mqtt"].start()
    eventually(lambda: "MQTT connected" in fleet.status(WORKER), 70, "it is back")


def test_a_container_that_is_killed_comes_back_whole(fleet: Fleet) -> None:
    before = fleet.hems.inspect()["State"]["Pid"]
    fleet.hems.signal("KILL")
    eventually(lambda: fleet.hems.inspect()["State"]["Pid"] not in (0, before), 20, "started")
    fleet.until_green()
    assert {row.restarts for row in fleet.health().values()} == {0}
