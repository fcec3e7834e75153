from hems.supervision.commands.dependency_tree import as_tree
from tests.supervision.commands.properties import unit, units

UNITS = units(
    base=unit(),
    net=unit("failed", After="base"),
    led=unit(Requires="net base", After="net gone"),
    alone=unit("inactive"),
)


def test_a_tree_shows_what_a_unit_needs_and_why() -> None:
    assert as_tree(UNITS, "led").splitlines() == [
        "led (active)",
        "├─net (failed, Requires, After)",
        "│ └─base (active, After)",
        "├─base (active, Requires)",
        "└─gone (not found, After)",
    ]


def test_the_reverse_shows_what_needs_a_unit() -> None:
    assert as_tree(UNITS, "base", is_reverse=True).splitlines() == [
        "base (active)",
        "├─net (failed, After)",
        "│ └─led (active, Requires, After)",
        "└─led (active, Requires)",
    ]


def test_without_a_unit_each_tree_begins_with_a_unit_that_no_other_needs() -> None:
    roots = [line for line in as_tree(UNITS).splitlines() if line[0] not in "├└│"]
    assert roots == ["led (active)", "alone (inactive)"]


def test_what_is_below_a_unit_is_shown_once() -> None:
    many = units(base=unit(), a=unit(After="base"), b=unit(After="a"), c=unit(After="a b"))
    assert as_tree(many, "c").splitlines()[-2:] == [
        "└─b (active, After)",
        "  └─a (active, After) ...",
    ]
