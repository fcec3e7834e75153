from dev.check.checks import data_dictionary
from tests.fakes.tree import Tree

FILE = data_dictionary.FILE


def test_an_entity_without_a_row_is_reported(tree: Tree) -> None:
    [line] = tree.found(
        data_dictionary.problems, FILE, "| `east` | sensor |", "| `east` | number |"
    )
    assert line.endswith(
        "Linky: east: found no row, expected east | sensor | Energy index total | Wh"
    )


def test_a_row_with_another_unit_is_reported(tree: Tree) -> None:
    old, new = "| Disk free | GB |", "| Disk free | MB |"
    [line] = tree.found(data_dictionary.problems, FILE, old, new)
    assert "found disk_free | sensor | Disk free | MB, expected" in line


def test_a_row_without_an_entity_is_reported(tree: Tree) -> None:
    [line] = tree.found(
        data_dictionary.problems,
        FILE,
        "| `relay` |",
        "| `easf11` | sensor | No | Wh | x | y |\n| `relay` |",
    )
    assert "Linky: easf11: found easf11 | sensor | No | Wh, expected no row" in line
