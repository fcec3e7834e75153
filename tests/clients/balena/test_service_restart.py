import pytest
from pytest_mock import MockerFixture

from hems.clients.balena.service_restart import (
    is_update_under_way,
    replace_container,
    restartable,
)
from hems.clients.balena.supervisor_api import SupervisorFailed, SupervisorLocked
from hems.clients.balena.supervisor_responses import (
    ApplicationState,
    Container,
    DeviceStatus,
    ServiceState,
)
from hems.errors import Unavailable
from tests.fakes.balena import FakeSupervisor

OLD, NEW = Container("mqtt", "Running", "old"), Container("mqtt", "Running", "new")
OTHER = Container("influxdb", "Running", "other")
AT_REST = ApplicationState((ServiceState("Running", 1, None, "mqtt"),), False)


def status(*containers: Container, downloading: tuple[str, ...] = ()) -> DeviceStatus:
    return DeviceStatus(containers, frozenset(downloading), bool(downloading))


def wanted(state: str, progress: float | None = None) -> ApplicationState:
    return ApplicationState((ServiceState(state, 2, progress, "mqtt"),), True)


def test_one_that_runs_may_be_restarted() -> None:
    assert restartable("mqtt", status(OTHER, OLD), AT_REST) == "old"


@pytest.mark.parametrize("containers", [[], [OTHER], [OLD, NEW]])
def test_none_or_two_may_not(containers: list[Container]) -> None:
    assert restartable("mqtt", status(*containers), AT_REST) is None


@pytest.mark.parametrize("state", ["exited", "restarting", "Installing", "Stopping"])
def test_one_that_does_not_run_may_not(state: str) -> None:
    assert restartable("mqtt", status(Container("mqtt", state, "old")), AT_REST) is None


@pytest.mark.parametrize("application", [wanted("Downloading"), wanted("Running", 0.0)])
def test_an_old_one_may_not_while_its_new_image_is_downloaded(
    application: ApplicationState,
) -> None:
    assert restartable("mqtt", status(OLD), application) is None
    assert restartable("mqtt", status(OLD, downloading=("mqtt",)), AT_REST) is None


def test_one_that_the_wanted_release_does_not_have_may_not() -> None:
    assert restartable("mqtt", status(OLD), ApplicationState((), True)) is None


def test_the_download_of_another_image_is_no_obstacle() -> None:
    assert restartable("mqtt", status(OLD, downloading=("influxdb",)), AT_REST) == "old"


def test_a_new_image_that_is_here_is_no_obstacle() -> None:
    assert restartable("mqtt", status(OLD), wanted("Downloaded")) == "old"


@pytest.mark.parametrize(
    ("is_applying", "is_updating", "expected"),
    [(False, False, False), (True, False, True), (False, True, True)],
)
def test_an_update_is_update_under_way_if_either_answer_says_so(
    is_applying: bool, is_updating: bool, expected: bool
) -> None:
    assert (
        is_update_under_way(
            DeviceStatus((), frozenset(), is_applying), ApplicationState((), is_updating)
        )
        is expected
    )


def test_after_a_rejected_release_the_containers_decide() -> None:
    rejected = ApplicationState((), is_updating=False, is_rejected=True)
    assert restartable("mqtt", status(OTHER, OLD), rejected) == "old"
    assert restartable("mqtt", status(OLD, NEW), rejected) is None
    assert restartable("mqtt", status(OLD, downloading=("mqtt",)), rejected) is None
    assert restartable("mqtt", status(Container("mqtt", "Stopping", "old")), rejected) is None


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
