import pytest

from dev.check.checks import fleet_keeps_image_variables
from tests.fakes.tree import Tree


@pytest.mark.parametrize("file", ["Dockerfile", "services/wifi-connect/Dockerfile"])
def test_a_variable_that_a_fleet_could_choose_is_found(tree: Tree, file: str) -> None:
    old, new = '"PYTHONDONTWRITEBYTECODE=1", ', '"PYTHONDONTWRITEBYTECODE=0", '
    [line] = tree.found(fleet_keeps_image_variables.problems, file, old, new)
    assert line.startswith(f"{file}: CMD: expected PYTHONDONTWRITEBYTECODE=1 as in ENV")
