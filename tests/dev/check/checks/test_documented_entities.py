from dev.check.checks import documented_entities
from tests.fakes.tree import Tree

FILE = documented_entities.FILE


def test_an_entity_without_a_row_is_reported(tree: Tree) -> None:
    [line] = tree.found(
        documented_entities.problems, FILE, "| `east` | sensor |", "| `east` | number |"
    )
    assert line.endswith(
        "Linky: east: found no row, expected east | sensor | Energy index total | Wh"
    )


def test_a_row_with_another_unit_is_reported(tree: Tree) -> None:
    old, new = "| Disk free | GB |", "| Disk free | MB |"
    [line] = tree.found(documented_entities.problems, FILE, old, new)
    assert "found disk_free | sensor | Disk free | MB, expected" in line


def test_a_row_without_an_entity_is_reported(tree: Tree) -> None:
    [line] = tree.found(
        documented_entities.problems,
        FILE,
        "| `relay` |",
        "| `easf11` | sensor | No | Wh | x | y |\n| `relay` |",
    )
    assert "Linky: easf11: found easf11 | sensor | No | Wh, expected no row" in line
