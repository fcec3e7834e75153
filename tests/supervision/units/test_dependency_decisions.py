import pytest

from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec, UnitType
from hems.supervision.units.dependency_decisions import (
    hold,
    is_blocked,
    is_imminent,
    obstacle,
    pulled_in,
)
from hems.supervision.units.restart_policy import ProcessExit
from hems.supervision.units.unit_phase import HealthState
from hems.supervision.units.unit_state_machine import Unit
from hems.supervision.worker.notification_datagram import SdNotifyMessage
from tests.supervision.units.owner import due

FIRST = UnitSpec("first", type=UnitType.NOTIFY, restart=RestartCondition.ON_FAILURE)
AFTER = UnitSpec("second", after=("first",))
REQUIRES = UnitSpec("second", requires=("first",))
THIRD = UnitSpec("third", requires=("second",))


def starting(spec: UnitSpec = FIRST) -> Unit:
    unit = Unit(spec)
    due(unit, 0)
    unit.spawned(0)
    return unit


def up() -> Unit:
    unit = starting()
    unit.receive(SdNotifyMessage(is_ready=True), 0)
    return unit


def crashed() -> Unit:
    unit = starting()
    unit.exited(ProcessExit(1), 0)
    return unit


def test_after_waits_while_the_other_starts() -> None:
    for first in (Unit(FIRST), starting()):
        assert obstacle(Unit(AFTER), {"first": first}).startswith("after first, which is ")


def test_after_is_over_when_the_other_is_up_or_has_failed_once() -> None:
    assert obstacle(Unit(AFTER), {"first": up()}) == ""
    assert obstacle(Unit(AFTER), {"first": crashed()}) == ""


def test_after_orders_the_first_start_only() -> None:
    first = crashed()
    due(first, 10)
    first.spawned(10)
    assert first.state.value == "activating"
    assert obstacle(Unit(AFTER), {"first": first}) == ""


def test_after_does_not_wait_for_what_will_not_start() -> None:
    idle = Unit(UnitSpec("first", is_autostarted=False))
    assert obstacle(Unit(AFTER), {"first": idle}) == ""
    refused = Unit(UnitSpec("first", requires=("zero",)))
    failed = Unit(UnitSpec("zero"), fault="nonsense")
    assert obstacle(Unit(AFTER), {"first": refused, "zero": failed}) == ""
    assert obstacle(Unit(AFTER), {"first": refused, "zero": Unit(UnitSpec("zero"))}) != ""


def test_after_waits_for_a_unit_whose_requirements_are_up_in_part() -> None:
    waiting = Unit(UnitSpec("first", requires=("zero", "one")))
    zero, one = starting(UnitSpec("zero")), starting(UnitSpec("one", type=UnitType.NOTIFY))
    assert zero.is_up
    assert obstacle(Unit(AFTER), {"first": waiting, "zero": zero, "one": one}) != ""


def test_requires_waits_until_the_other_is_up() -> None:
    for first in (Unit(FIRST), starting(), crashed()):
        assert obstacle(Unit(REQUIRES), {"first": first}).startswith("requires first, which is ")
    assert obstacle(Unit(REQUIRES), {"first": up()}) == ""


def test_a_required_oneshot_is_up_when_it_has_succeeded() -> None:
    oneshot = starting(UnitSpec("first", type=UnitType.ONESHOT))
    assert obstacle(Unit(REQUIRES), {"first": oneshot}) == "requires first, which is activating"
    oneshot.exited(ProcessExit(0), 0)
    assert obstacle(Unit(REQUIRES), {"first": oneshot}) == ""


def test_a_removed_unit_is_not_waited_for_unless_it_is_required() -> None:
    assert obstacle(Unit(AFTER), {}) == ""
    assert obstacle(Unit(REQUIRES), {}) == "requires first, which was removed"


def test_a_requirement_that_crashed_holds_nobody_but_one_that_was_stopped_does() -> None:
    first = crashed()
    assert hold(Unit(REQUIRES), {"first": first}) == ""
    first.stop(0)
    assert hold(Unit(REQUIRES), {"first": first}) == "requires first, which was stopped"
    assert hold(Unit(AFTER), {"first": first}) == ""


def test_a_requirement_that_was_never_started_holds_nobody() -> None:
    assert hold(Unit(REQUIRES), {"first": Unit(UnitSpec("first", is_autostarted=False))}) == ""


def test_a_stop_reaches_through_what_is_required_by_what_is_required() -> None:
    first, second = up(), Unit(REQUIRES)
    first.stop(0)
    assert (
        hold(Unit(THIRD), {"first": first, "second": second}) == "requires first, which was stopped"
    )


def test_a_stop_reaches_through_a_unit_that_is_still_up() -> None:
    first, second = up(), starting(UnitSpec("second", requires=("first",)))
    assert second.is_up
    first.stop(0)
    assert (
        hold(Unit(THIRD), {"first": first, "second": second}) == "requires first, which was stopped"
    )


def test_a_cycle_of_old_and_new_units_during_an_update_is_harmless() -> None:
    units = {"first": Unit(UnitSpec("first", requires=("second",))), "second": Unit(REQUIRES)}
    assert hold(Unit(REQUIRES), units) == ""
    assert not is_blocked(units["second"], units)
    assert obstacle(Unit(AFTER), units) == "after first, which is waiting"


def test_resetting_a_failed_requirement_holds_nobody() -> None:
    first = starting(UnitSpec("first"))
    first.exited(ProcessExit(1), 0)
    first.reset_failed()
    assert first.state.value == "inactive"
    assert hold(Unit(REQUIRES), {"first": first}) == ""


def test_a_unit_is_blocked_by_what_is_broken_not_by_what_is_slow_or_stopped() -> None:
    second = Unit(REQUIRES)
    assert is_blocked(second, {"first": crashed()})
    assert not is_blocked(second, {"first": starting()})
    stopped = up()
    stopped.stop(0)
    assert not is_blocked(second, {"first": stopped})


def test_what_waits_for_a_blocked_unit_is_blocked() -> None:
    third = Unit(THIRD)
    assert is_blocked(third, {"second": Unit(REQUIRES), "first": crashed()})


def test_a_start_is_imminent_while_all_it_waits_for_is_starting() -> None:
    second = Unit(REQUIRES)
    assert is_imminent(second, {"first": starting()})
    assert not is_imminent(second, {"first": crashed()})
    assert not is_imminent(second, {"first": Unit(UnitSpec("first", is_autostarted=False))})
    assert not is_imminent(Unit(UnitSpec("x", is_autostarted=False)), {})


@pytest.mark.parametrize("code", [0, 1])
def test_a_start_pulls_in_what_has_ended_or_failed(code: int) -> None:
    first = starting(UnitSpec("first"))
    first.exited(ProcessExit(code), 0)
    assert first.state is (HealthState.FAILED if code else HealthState.EXITED)
    second = Unit(REQUIRES)
    assert pulled_in(second, {"first": first}) == [second, first]


def test_a_start_is_imminent_while_what_it_requires_waits_for_one_that_starts() -> None:
    second, third = Unit(REQUIRES), Unit(THIRD)
    assert is_imminent(third, {"second": second, "first": starting()})
    assert not is_imminent(third, {"second": second, "first": crashed()})


def test_a_start_is_imminent_whatever_else_it_requires_is_up() -> None:
    both = Unit(UnitSpec("third", requires=("first", "second")))
    assert is_imminent(both, {"first": starting(), "second": starting(UnitSpec("second"))})


def test_a_start_is_not_imminent_once_it_has_happened() -> None:
    assert not is_imminent(starting(), {})


def test_a_start_does_not_pull_in_a_oneshot_that_has_succeeded() -> None:
    oneshot = starting(UnitSpec("first", type=UnitType.ONESHOT))
    oneshot.exited(ProcessExit(0), 0)
    second = Unit(REQUIRES)
    assert pulled_in(second, {"first": oneshot}) == [second]


def test_a_unit_is_not_blocked_by_what_a_unit_that_is_up_requires() -> None:
    second, third = starting(UnitSpec("second", requires=("first",))), Unit(THIRD)
    assert second.is_up
    assert not is_blocked(third, {"second": second, "first": crashed()})


def test_a_removed_requirement_neither_holds_nor_blocks_nor_starts() -> None:
    second = Unit(REQUIRES)
    assert hold(Unit(REQUIRES), {}) == ""
    assert not is_blocked(second, {})
    assert pulled_in(second, {}) == [second]


def test_a_unit_is_blocked_by_one_that_has_failed_for_good() -> None:
    failed = Unit(UnitSpec("first"), fault="nonsense")
    assert is_blocked(Unit(REQUIRES), {"first": failed})


def test_only_a_unit_that_waits_is_blocked() -> None:
    units = {"first": crashed()}
    assert not is_blocked(starting(REQUIRES), units)


def test_a_start_pulls_in_what_is_at_rest_or_in_back_off_not_what_runs_or_is_about_to() -> None:
    second = Unit(REQUIRES)
    idle = Unit(UnitSpec("first", is_autostarted=False))
    for first in (idle, crashed()):
        assert pulled_in(second, {"first": first}) == [second, first]
    for first in (up(), starting(), Unit(FIRST)):
        assert pulled_in(second, {"first": first}) == [second]
