import pytest

from dev.check.checks import compose_memory_limits
from dev.check.compose_file import FILE
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("    mem_limit: 256m\n", "", "hems: mem_limit: found none"),
        ("mem_limit: 256m", "mem_limit: 1g", "MB in all, expected 3600 MB"),
        ("mem_limit: 256m", "mem_limit: 64x", "mem_limit: found 64x, expected e.g. 96m"),
    ],
)
def test_a_missing_or_excessive_limit_is_found(tree: Tree, old: str, new: str, fault: str) -> None:
    [line] = tree.found(compose_memory_limits.problems, FILE, old, new)
    assert fault in line
