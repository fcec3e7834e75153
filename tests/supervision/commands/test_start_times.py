from hems.supervision.commands.start_times import blame, critical_chain
from tests.supervision.commands.properties import unit, units

UNITS = units(
    base=unit(times=(10.0, 12.5)),
    quick=unit(times=(10.0, 10.1), After=""),
    led=unit(times=(12.5, 13.0), Requires="base", After="quick"),
    task=unit("inactive", (10.0, 0.0, 14.0), Type="oneshot"),
    broken=unit("failed", (10.0, 0.0, 11.0), Result="exit-code"),
    starting=unit("activating", (13.0, 11.0)),
    off=unit("inactive"),
)


def test_blame_lists_what_has_started_longest_first() -> None:
    assert [line.split() for line in blame(UNITS).splitlines()] == [
        ["4.000s", "task"],
        ["2.500s", "base"],
        ["0.500s", "led"],
        ["0.100s", "quick"],
    ]


def test_the_critical_chain_follows_what_was_waited_for_longest() -> None:
    assert critical_chain(UNITS, "led") == "led @3.000s +0.500s\n└─base @2.500s +2.500s"


def test_without_a_unit_the_chain_begins_with_the_one_that_was_up_last() -> None:
    assert critical_chain(UNITS) == "task @4.000s +4.000s"


def test_a_unit_that_restarted_later_was_not_waited_for() -> None:
    by_name = units(base=unit(times=(20.0, 21.0)), led=unit(times=(12.0, 13.0), After="base"))
    assert critical_chain(by_name, "led") == "led @1.000s +1.000s"


def test_nothing_has_started() -> None:
    assert blame(units(off=unit())) == critical_chain(units(off=unit())) == ""
