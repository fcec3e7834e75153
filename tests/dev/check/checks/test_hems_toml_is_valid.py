from dev.check import default_settings
from dev.check.checks import hems_toml_is_valid
from tests.fakes.tree import Tree


def test_an_invalid_setting_is_a_problem(tree: Tree) -> None:
    [line] = tree.found(
        hems_toml_is_valid.problems, default_settings.FILE, "port = 1883", "port = 99883"
    )
    assert "[mqtt] port: found 99883" in line
