import itertools

import pytest

from hems.supervision.errors import InvalidConfiguration
from hems.supervision.settings.unit_spec import UnitSpec
from hems.supervision.units.dependency_validation import check, with_before


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    specs = {"provision": UnitSpec("provision"), "led": UnitSpec("led", after=("provison",))}
    with pytest.raises(
        InvalidConfiguration, match="unknown unit 'provison', did you mean provision"
    ):
        check("led", specs)
    check("provision", specs)


def test_a_cycle_is_refused_with_its_way() -> None:
    specs = {
        "a": UnitSpec("a", after=("b",)),
        "b": UnitSpec("b", requires=("c",)),
        "c": UnitSpec("c", after=("a",)),
        "d": UnitSpec("d", after=("a",)),
    }
    with pytest.raises(InvalidConfiguration, match="a > b > c > a"):
        check("a", specs)
    check("d", specs)


def test_a_long_chain_of_double_dependencies_is_checked_at_once() -> None:
    names = [f"u{number}" for number in range(200)]
    specs = {
        name: UnitSpec(name, after=(before,), requires=(before,), binds_to=(before,))
        for before, name in itertools.pairwise(names)
    } | {"u0": UnitSpec("u0")}
    for name in names:
        check(name, specs)
    specs["u0"] = UnitSpec("u0", after=("u199",))
    with pytest.raises(InvalidConfiguration, match=r"u7 > u6 .* > u8 > u7"):
        check("u7", specs)


def test_a_unit_that_waits_for_itself_is_a_cycle() -> None:
    with pytest.raises(InvalidConfiguration, match="a > a"):
        check("a", {"a": UnitSpec("a", after=("a",))})


def test_before_is_after_of_the_other() -> None:
    specs = with_before({"a": UnitSpec("a", before=("b",)), "b": UnitSpec("b", after=("c",))})
    assert specs["b"].after == ("c", "a")
    assert specs["a"].after == ()


def test_before_takes_part_in_a_cycle() -> None:
    specs = with_before({"a": UnitSpec("a", after=("b",), before=("b",)), "b": UnitSpec("b")})
    with pytest.raises(InvalidConfiguration, match="a > b > a"):
        check("a", specs)


def test_every_dependency_names_a_unit_that_exists() -> None:
    names = ("before", "wants", "binds_to", "part_of", "upholds", "on_failure", "on_success")
    for name in names:
        spec = UnitSpec("a", **{name: ("nobody",)})  # type: ignore[arg-type]
        with pytest.raises(InvalidConfiguration, match="depends on unknown unit 'nobody'"):
            check("a", {"a": spec})


def test_two_units_that_conflict_do_not_both_start_at_boot() -> None:
    specs = {"a": UnitSpec("a", conflicts=("b",)), "b": UnitSpec("b")}
    with pytest.raises(InvalidConfiguration, match="conflicts with b, and both have autostart"):
        check("a", specs)
    idle = {**specs, "b": UnitSpec("b", is_autostarted=False)}
    check("a", idle)
