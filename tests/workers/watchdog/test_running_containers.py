from datetime import UTC, datetime

import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from hems.workers.watchdog.running_containers import RunningContainers
from tests.fakes.balena import FakeSupervisor, running_containers
from tests.fakes.time import FakeTime


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime(now=1000.0)


@pytest.fixture
def supervisor() -> FakeSupervisor:
    supervisor = FakeSupervisor()
    supervisor.add("mqtt")
    return supervisor


@pytest.fixture
def seen(supervisor: FakeSupervisor, clock: FakeTime) -> RunningContainers:
    return running_containers(supervisor, clock)


def created(clock: FakeTime, age_s: float) -> str:
    return datetime.fromtimestamp(clock.time() - age_s, UTC).isoformat()


def test_an_answer_is_used_until_it_is_too_old(
    seen: RunningContainers, supervisor: FakeSupervisor
) -> None:
    first = seen.recent(1000.0)
    supervisor.recreate("mqtt")
    assert seen.recent(1014.9) is first
    assert seen.recent(1015.0) != first


def test_an_error_is_used_until_it_is_too_old(
    seen: RunningContainers, supervisor: FakeSupervisor, mocker: MockerFixture
) -> None:
    status = mocker.patch.object(supervisor, "status", side_effect=Unavailable("refused"))
    for now in (1000.0, 1014.9, 1015.0):
        with pytest.raises(Unavailable):
            seen.recent(now)
    assert status.call_count == 2


@pytest.mark.parametrize(("age_s", "began_at"), [(5.0, 1025.0), (500.0, 1000.0), (-9.0, 1030.0)])
def test_a_new_container_began_after_the_last_look(
    seen: RunningContainers,
    supervisor: FakeSupervisor,
    clock: FakeTime,
    age_s: float,
    began_at: float,
) -> None:
    seen.fresh(1000.0)
    clock.now = 1030.0
    supervisor.recreate("mqtt", created(clock, age_s))
    seen.fresh(1030.0)
    assert seen.began_at("mqtt") == pytest.approx(began_at, abs=0.01)
    clock.now = 2000.0
    seen.fresh(2000.0)  # the same container
    assert seen.began_at("mqtt") == pytest.approx(began_at, abs=0.01)


@pytest.mark.parametrize(("age_s", "began_at"), [(100.0, 900.0), (86400.0, 0.0)])
def test_the_first_container_began_after_the_boot(
    seen: RunningContainers,
    supervisor: FakeSupervisor,
    clock: FakeTime,
    age_s: float,
    began_at: float,
) -> None:
    supervisor.recreate("mqtt", created(clock, age_s))
    seen.fresh(1000.0)
    assert seen.began_at("mqtt") == pytest.approx(began_at, abs=0.01)


def test_a_container_without_a_time_began_when_it_was_seen(seen: RunningContainers) -> None:
    seen.fresh(1000.0)
    assert seen.began_at("mqtt") == 1000.0


def test_a_rejected_release_is_logged_once(
    seen: RunningContainers, supervisor: FakeSupervisor, lines: list[str]
) -> None:
    for _ in range(2):
        supervisor.is_rejected = True
        seen.application()
        seen.application()
        assert seen.is_release_rejected
        supervisor.is_rejected = False
        seen.application()
        assert not seen.is_release_rejected
    assert len(lines) == 2
