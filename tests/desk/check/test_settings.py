import pytest

from hems.desk.check import agreement, settings
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("new", "fault"),
    [("port = 99883", "[mqtt] port"), ("prot = 1883", "unknown setting"), ("port =", "not TOML")],
)
def test_a_mistake_is_told_with_the_files_name_first(tree: Tree, new: str, fault: str) -> None:
    [line] = tree.found(agreement.problems, settings.FILE, "port = 1883", new)
    assert line.startswith(f"{settings.FILE}: 1 problem")
    assert fault in line
    assert str(tree.root) not in line
