import pytest
from pytest_mock import MockerFixture

from hems.clients.balena.service_restart import replace_container
from hems.clients.balena.supervisor_api import SupervisorFailed, SupervisorLocked
from hems.errors import Unavailable
from tests.fakes.balena import FakeSupervisor


@pytest.fixture
def supervisor() -> FakeSupervisor:
    supervisor = FakeSupervisor()
    supervisor.add("mqtt")
    return supervisor


def test_a_restart_makes_another_container(supervisor: FakeSupervisor) -> None:
    replace_container(supervisor, "mqtt", "mqtt-1")
    assert supervisor.requests == ["restart mqtt"]


def test_an_ok_for_a_container_that_still_runs_is_a_failure(
    supervisor: FakeSupervisor, mocker: MockerFixture
) -> None:
    mocker.patch.object(supervisor, "recreate")
    with pytest.raises(SupervisorFailed, match="the same container of mqtt still runs"):
        replace_container(supervisor, "mqtt", "mqtt-1")


def test_an_ok_counts_when_the_supervisor_does_not_say_what_runs(
    supervisor: FakeSupervisor, mocker: MockerFixture
) -> None:
    mocker.patch.object(supervisor, "status", side_effect=Unavailable("Connection refused"))
    replace_container(supervisor, "mqtt", "mqtt-1")
    assert supervisor.requests == ["restart mqtt"]


def test_a_refusal_stays_a_refusal(supervisor: FakeSupervisor) -> None:
    supervisor.refusal = SupervisorLocked("423")
    with pytest.raises(SupervisorLocked):
        replace_container(supervisor, "mqtt", "mqtt-1")
