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
        ("- NET_ADMIN", "- SYS_TIME", "wifi-connect: cap_add: expected NET_ADMIN"),
        ("- NET_ADMIN", "- NET_ADMIN\n      - SYS_ADMIN", "cap_add: found SYS_ADMIN, for which"),
        ("features.dbus", "features.sysfs", "wifi-connect: labels: found io.balena.features.sysfs"),
        ("features.supervisor-api", "features.balena-api", "hems: labels: expected io.balena.feat"),
        ("    privileged: true\n", "", "hems: privileged: expected true, for the GPIO chips"),
        (
            "    privileged: true  #",
            "    #",
            "homeassistant: privileged: expected true, for the Zig",
        ),
        (
            "172.18.4.3\n",
            "172.18.4.3\n    privileged: true\n",
            "influxdb: privileged: found true, which only hems and homeassistant may be",
        ),
        ("read_only: true", "read_only: false", "hems: expected read_only: true"),
        (
            "      - no-new-privileges\n    sysctls",
            "      - no-new-privileges\n      - seccomp=unconfined\n    sysctls",
            "nginx-reverse-proxy: security_opt: found seccomp=unconfined, expected no-new-priv",
        ),
        (
            "172.18.4.3\n",
            "172.18.4.3\n    pid: host\n",
            "influxdb: pid: found host: the service would see the processes of others",
        ),
        (
            "    networks:\n      hems:\n        ipv4_address: 172.18.4.3\n",
            "    network_mode: host\n",
            "influxdb: network_mode: found host, for which",
        ),
        ("read_only: true\n    cap_drop", "cap_drop", "influxdb: expected read_only: true"),
        ("      - ALL\n", "      - MKNOD\n", "influxdb: expected cap_drop: [ALL]"),
        (
            "    security_opt:\n      - no-new-privileges\n    sysctls",
            "    sysctls",
            "nginx-reverse-proxy: expected security_opt: [no-new-privileges]",
        ),
        (
            "a missing one would prevent a start\n",
            "a missing one would prevent a start\n    read_only: true\n",
            "homeassistant: found read_only: true, expected none: it installs",
        ),
    ],
)
def test_a_missing_or_excessive_privilege_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    lines = tree.found(compose_privileges.problems, FILE, old, new)
    assert any(fault in line for line in lines)
