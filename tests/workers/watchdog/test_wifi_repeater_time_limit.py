import pytest

from hems.clients.balena.supervisor_api import SupervisorLocked
from hems.workers.watchdog.wifi_repeater_time_limit import WifiRepeaterTimeLimit
from tests.fakes.balena import FakeRestartLog, FakeSupervisor, running_containers

NAME = "wifi-repeater"


@pytest.fixture
def supervisor() -> FakeSupervisor:
    return FakeSupervisor()


@pytest.fixture
def restart_log() -> FakeRestartLog:
    return FakeRestartLog()


@pytest.fixture
def check(supervisor: FakeSupervisor, restart_log: FakeRestartLog) -> WifiRepeaterTimeLimit:
    return WifiRepeaterTimeLimit(running_containers(supervisor), 600.0, restart_log)


def test_it_is_stopped_after_more_than_ten_minutes(
    check: WifiRepeaterTimeLimit, supervisor: FakeSupervisor, restart_log: FakeRestartLog
) -> None:
    supervisor.add(NAME)
    for now in range(0, 601, 30):
        check.step(float(now))
    assert supervisor.requests == []
    check.step(630.0)
    assert supervisor.requests == [f"stop {NAME}"]
    assert restart_log.lines == [f"stop {NAME}: running for more than 600 s"]


def test_a_fleet_without_it_is_fine(
    check: WifiRepeaterTimeLimit, supervisor: FakeSupervisor
) -> None:
    supervisor.add("mqtt")
    check.step(0.0)
    check.step(10_000.0)
    assert supervisor.requests == []


def test_a_pause_makes_the_time_begin_again(
    check: WifiRepeaterTimeLimit, supervisor: FakeSupervisor
) -> None:
    supervisor.add(NAME)
    check.step(0.0)
    supervisor.change(NAME, status="exited")
    check.step(590.0)
    supervisor.change(NAME, status="Running")
    check.step(620.0)
    check.step(1220.0)
    assert supervisor.requests == []
    check.step(1221.0)
    assert supervisor.requests == [f"stop {NAME}"]


def test_a_stop_that_is_refused_is_tried_again_and_not_noted(
    check: WifiRepeaterTimeLimit, supervisor: FakeSupervisor, restart_log: FakeRestartLog
) -> None:
    supervisor.add(NAME)
    supervisor.refusal = SupervisorLocked("423")
    check.step(0.0)
    for now in (601.0, 631.0):
        with pytest.raises(SupervisorLocked):
            check.step(now)
    assert restart_log.lines == []
    supervisor.refusal = None
    check.step(661.0)
    assert restart_log.actions == [f"stop {NAME}"]


def test_a_new_container_has_its_own_time(
    check: WifiRepeaterTimeLimit, supervisor: FakeSupervisor
) -> None:
    supervisor.add(NAME)
    check.step(0.0)
    supervisor.recreate(NAME)  # between two looks, or while the Supervisor was silent
    check.step(601.0)
    check.step(1201.0)
    assert supervisor.requests == []
    check.step(1202.0)
    assert supervisor.requests == [f"stop {NAME}"]


def test_one_that_is_started_again_right_after_the_stop_has_its_time(
    check: WifiRepeaterTimeLimit, supervisor: FakeSupervisor
) -> None:
    supervisor.add(NAME)
    check.step(0.0)
    check.step(601.0)
    supervisor.change(NAME, status="Running")  # in the same container
    check.step(631.0)
    check.step(1231.0)
    assert supervisor.requests == [f"stop {NAME}"]
    check.step(1232.0)
    assert supervisor.requests == [f"stop {NAME}"] * 2
