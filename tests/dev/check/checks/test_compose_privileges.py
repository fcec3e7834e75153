import pytest

from dev.check.checks import compose_privileges
from dev.check.compose_file import FILE
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("features.dbus", "features.dbuss", "did you mean io.balena.features.dbus?"),
        ('supervisor-api: "1"', 'supervisor-api: "true"', "found 'true', expected \"1\""),
        ("- NET_ADMIN", "- CAP_NET_ADMIN", "did you mean NET_ADMIN?"),
    ],
)
def test_an_unknown_label_or_capability_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    lines = tree.found(compose_privileges.problems, FILE, old, new)
    assert any(fault in line for line in lines)


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
def test_a_missing_or_excessive_privilege_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(compose_privileges.problems, FILE, old, new)
    assert fault in line
