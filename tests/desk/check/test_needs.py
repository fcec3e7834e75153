import pytest

from hems.desk.check import needs
from hems.desk.check.compose import FILE
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("features.supervisor-api", "features.balena-api", "hems: labels: expected io.balena.feat"),
        (
            "features.dbus",
            "features.sysfs",
            "wifi-connect: labels: expected io.balena.features.dbus",
        ),
        ("- NET_ADMIN", "- NET_RAW", "wifi-connect: cap_add: expected NET_ADMIN"),
        ("    privileged: true\n", "", "hems: privileged: expected true, for the GPIO chips"),
        (
            "    privileged: true  #",
            "    #",
            "homeassistant: privileged: expected true, for the Zig",
        ),
        ("read_only: true", "read_only: false", "hass-configurator: expected read_only: true and"),
        ("      - ALL\n", "      - MKNOD\n", "hass-configurator: expected read_only: true and"),
    ],
)
def test_a_right_that_is_missing_or_too_much_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(needs.problems, FILE, old, new)
    assert fault in line


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(needs.problems(tree.root)) == []
