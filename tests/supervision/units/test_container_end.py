import signal

import pytest

from hems.supervision.errors import InvalidConfiguration
from hems.supervision.settings.container_end_directives import Action, ActionSettings
from hems.supervision.settings.directive_parser import parse
from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec
from hems.supervision.units.container_end import ContainerEnd
from hems.supervision.units.unit_phase import UnitCommand
from tests.supervision.units.owner import Owner, launched

NO = RestartCondition.NO


def end_of(owner: Owner) -> ContainerEnd | None:
    """Return what ends the container, once the unit has ordered it."""
    owner.step()
    return owner.unit.container_end if UnitCommand.EXIT in owner.commands else None


@pytest.mark.parametrize(
    ("exit_", "status"),
    [({"code": 7}, 7), ({"signal": signal.SIGKILL}, 255), ({"code": 255}, 255)],
)
def test_a_failure_ends_the_container_with_the_status_of_the_process(
    exit_: dict[str, int], status: int
) -> None:
    owner = launched(restart=NO, actions=ActionSettings(failure=Action.EXIT))
    owner.exit(**exit_)
    assert end_of(owner) == ContainerEnd(status, False, "FailureAction=exit")


def test_a_failure_never_ends_the_container_with_success_unless_it_says_so() -> None:
    owner = launched(restart=NO, watchdog_s=1, actions=ActionSettings(failure=Action.EXIT))
    owner.run(1)
    owner.exit(0)
    assert end_of(owner) == ContainerEnd(255, False, "FailureAction=exit")
    owner = launched(restart=NO, actions=ActionSettings(failure=Action.EXIT, failure_status=0))
    owner.exit(1)
    assert end_of(owner) == ContainerEnd(0, False, "FailureAction=exit")


def test_a_success_ends_the_container_with_the_status_of_the_process_or_its_own() -> None:
    owner = launched(
        success_codes=frozenset({0, 3}), actions=ActionSettings(success=Action.EXIT_FORCE)
    )
    owner.exit(3)
    assert end_of(owner) == ContainerEnd(3, True, "SuccessAction=exit-force")
    owner = launched(actions=ActionSettings(success=Action.EXIT, success_status=9))
    owner.exit(0)
    assert end_of(owner) == ContainerEnd(9, False, "SuccessAction=exit")


def test_a_restart_ends_nothing() -> None:
    owner = launched(actions=ActionSettings(failure=Action.EXIT, success=Action.EXIT))
    owner.exit(1)
    assert end_of(owner) is None


@pytest.mark.parametrize("name", ["start_limit", "failure"])
def test_the_start_limit_ends_the_container(name: str) -> None:
    settings = ActionSettings(**{name: Action.EXIT}, failure_status=4)  # type: ignore[arg-type]
    owner = launched(limit_burst=1, actions=settings)
    owner.exit(1)
    owner.run(1)
    end = end_of(owner)
    assert end is not None
    assert (end.status, owner.state) == (4, "failed")


def test_the_status_at_the_start_limit_is_that_of_the_last_run() -> None:
    owner = launched(limit_burst=1, actions=ActionSettings(start_limit=Action.EXIT))
    owner.exit(6)
    owner.run(1)
    assert end_of(owner) == ContainerEnd(6, False, "StartLimitAction=exit")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("FailureAction=reboot-force", "for a machine; in a container use exit"),
        ("SuccessAction=stop", "expected none or exit or exit-force"),
        ("FailureActionExitStatus=256", "from 0 to 255"),
        ("SuccessActionExitStatus=ok", "expected a whole number"),
    ],
)
def test_a_malformed_action_is_refused(text: str, fault: str) -> None:
    with pytest.raises(InvalidConfiguration, match=fault):
        parse(text, UnitSpec("x"))
