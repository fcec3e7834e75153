import pytest

from hems.desk.check import rights
from hems.desk.check.compose import FILE
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("restart: always", "restart: on_failure", "'on_failure', which balena takes as always"),
        ("restart: always", 'restart: ""', "expected one of always, no, on-failure"),
        ("features.dbus", "features.dbuss", "did you mean io.balena.features.dbus?"),
        ('supervisor-api: "1"', 'supervisor-api: "true"', "found 'true', expected \"1\""),
        ("- NET_ADMIN", "- CAP_NET_ADMIN", "did you mean NET_ADMIN?"),
        ("    mem_limit: 64m\n", "", "nginx-reverse-proxy: mem_limit: found none"),
        ("mem_limit: 64m", "mem_limit: 64x", "mem_limit: found 64x, expected such as 96m"),
    ],
)
def test_what_does_not_mean_what_it_says_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(rights.problems, FILE, old, new)
    assert fault in line
