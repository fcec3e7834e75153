import pytest

from hems.errors import ConfigError
from hems.protocols.sd_notify import Message
from hems.supervision.ordering import check, hold, is_blocked, is_imminent, obstacle, pulled_in
from hems.supervision.restart import Exit
from hems.supervision.spec import Restart, Type, UnitSpec
from hems.supervision.units import Unit

FIRST = UnitSpec("first", type=Type.NOTIFY, restart=Restart.ON_FAILURE)
AFTER = UnitSpec("second", after=("first",))
REQUIRES = UnitSpec("second", requires=("first",))


def starting(spec: UnitSpec = FIRST) -> Unit:
    unit = Unit(spec)
    unit.due(0)
    unit.spawned(0)
    return unit


def up() -> Unit:
    unit = starting()
    unit.receive(Message(is_ready=True), 0)
    return unit


def crashed() -> Unit:
    unit = starting()
    unit.exited(Exit(1), 0)
    return unit


def test_after_waits_while_the_other_starts() -> None:
    for first in (Unit(FIRST), starting()):
        assert obstacle(AFTER, {"first": first}).startswith("after first, which is ")


def test_after_is_over_when_the_other_is_up_or_has_failed_once() -> None:
    assert obstacle(AFTER, {"first": up()}) == ""
    assert obstacle(AFTER, {"first": crashed()}) == ""


def test_after_orders_the_first_start_only() -> None:
    first = crashed()
    first.due(10)
    first.spawned(10)
    assert first.phase.value == "activating"
    assert obstacle(AFTER, {"first": first}) == ""


def test_after_does_not_wait_for_what_will_not_start() -> None:
    idle = Unit(UnitSpec("first", is_autostarted=False))
    assert obstacle(AFTER, {"first": idle}) == ""
    refused = Unit(UnitSpec("first", requires=("zero",)))
    failed = Unit(UnitSpec("zero"), fault="nonsense")
    assert obstacle(AFTER, {"first": refused, "zero": failed}) == ""
    assert obstacle(AFTER, {"first": refused, "zero": Unit(UnitSpec("zero"))}) != ""


def test_requires_waits_until_the_other_is_up() -> None:
    for first in (Unit(FIRST), starting(), crashed()):
        assert obstacle(REQUIRES, {"first": first}).startswith("requires first, which is ")
    assert obstacle(REQUIRES, {"first": up()}) == ""


def test_a_required_oneshot_is_up_when_it_has_succeeded() -> None:
    oneshot = starting(UnitSpec("first", type=Type.ONESHOT))
    assert obstacle(REQUIRES, {"first": oneshot}) == "requires first, which is activating"
    oneshot.exited(Exit(0), 0)
    assert obstacle(REQUIRES, {"first": oneshot}) == ""


def test_a_removed_unit_is_not_waited_for_unless_it_is_required() -> None:
    assert obstacle(AFTER, {}) == ""
    assert obstacle(REQUIRES, {}) == "requires first, which was removed"


def test_a_requirement_that_crashed_holds_nobody_but_one_that_was_stopped_does() -> None:
    first = crashed()
    assert hold(REQUIRES, {"first": first}) == ""
    first.stop(0)
    assert hold(REQUIRES, {"first": first}) == "requires first, which was stopped"
    assert hold(AFTER, {"first": first}) == ""


def test_a_stop_reaches_through_what_is_required_by_what_is_required() -> None:
    first, second = up(), Unit(REQUIRES)
    third = UnitSpec("third", requires=("second",))
    first.stop(0)
    assert hold(third, {"first": first, "second": second}) == "requires first, which was stopped"


def test_a_circle_of_old_and_new_units_during_an_update_is_harmless() -> None:
    units = {"first": Unit(UnitSpec("first", requires=("second",))), "second": Unit(REQUIRES)}
    assert hold(REQUIRES, units) == ""
    assert not is_blocked(units["second"], units)
    assert obstacle(AFTER, units) == "after first, which is waiting"


def test_resetting_a_failed_requirement_holds_nobody() -> None:
    first = starting(UnitSpec("first"))
    first.exited(Exit(1), 0)
    first.reset_failed()
    assert first.phase.value == "inactive"
    assert hold(REQUIRES, {"first": first}) == ""


def test_a_unit_is_blocked_by_what_is_broken_not_by_what_is_slow_or_stopped() -> None:
    second = Unit(REQUIRES)
    assert is_blocked(second, {"first": crashed()})
    assert not is_blocked(second, {"first": starting()})
    stopped = up()
    stopped.stop(0)
    assert not is_blocked(second, {"first": stopped})


def test_what_waits_for_a_blocked_unit_is_blocked() -> None:
    third = Unit(UnitSpec("third", requires=("second",)))
    assert is_blocked(third, {"second": Unit(REQUIRES), "first": crashed()})


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    specs = {"provision": UnitSpec("provision"), "led": UnitSpec("led", after=("provison",))}
    with pytest.raises(ConfigError, match="unknown unit 'provison', did you mean provision"):
        check("led", specs)
    check("provision", specs)


def test_a_circle_is_refused_with_its_way() -> None:
    specs = {
        "a": UnitSpec("a", after=("b",)),
        "b": UnitSpec("b", requires=("c",)),
        "c": UnitSpec("c", after=("a",)),
        "d": UnitSpec("d", after=("a",)),
    }
    with pytest.raises(ConfigError, match="a > b > c > a"):
        check("a", specs)
    check("d", specs)


def test_a_unit_that_waits_for_itself_is_a_circle() -> None:
    with pytest.raises(ConfigError, match="a > a"):
        check("a", {"a": UnitSpec("a", after=("a",))})


def test_a_start_is_imminent_while_all_it_waits_for_is_starting() -> None:
    second = Unit(REQUIRES)
    assert is_imminent(second, {"first": starting()})
    assert not is_imminent(second, {"first": crashed()})
    assert not is_imminent(second, {"first": Unit(UnitSpec("first", is_autostarted=False))})
    assert not is_imminent(Unit(UnitSpec("x", is_autostarted=False)), {})


def test_a_start_pulls_in_what_is_at_rest_not_what_runs_or_is_about_to() -> None:
    second = Unit(REQUIRES)
    idle = Unit(UnitSpec("first", is_autostarted=False))
    assert pulled_in(second, {"first": idle}) == [second, idle]
    for first in (up(), starting(), crashed(), Unit(FIRST)):
        assert pulled_in(second, {"first": first}) == [second]
