import pytest

from hems.desk.check import rights
from hems.desk.check.compose import FILE
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("features.dbus", "features.dbuss", "did you mean io.balena.features.dbus?"),
        ('supervisor-api: "1"', 'supervisor-api: "true"', "found 'true', expected \"1\""),
        ("- NET_ADMIN", "- CAP_NET_ADMIN", "did you mean NET_ADMIN?"),
        ("    mem_limit: 64m\n", "", "nginx-reverse-proxy: mem_limit: found none"),
        ("mem_limit: 256m", "mem_limit: 1g", "mem_limit: found 4127 MB in all, expected 3600"),
        ("mem_limit: 64m", "mem_limit: 64x", "mem_limit: found 64x, expected such as 96m"),
    ],
)
def test_what_does_not_mean_what_it_says_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(rights.problems, FILE, old, new)
    assert fault in line
