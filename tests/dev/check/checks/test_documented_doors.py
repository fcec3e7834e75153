import pytest

from dev.check.checks import documented_doors
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [("| 60 | 752 |", "| 61 | 752 |", 2), ("| 8123 |", "| 8124 |", 2), ("\n## Doors\n", "\n", 9)],
)
def test_a_wrong_row_is_found(tree: Tree, old: str, new: str, count: int) -> None:
    lines = tree.found(documented_doors.problems, documented_doors.FILE, old, new)
    assert len(lines) == count
