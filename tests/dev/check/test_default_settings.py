import pytest

from dev.check import default_settings
from dev.check.checks import settings_addresses_match_compose
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        ("port = 99883", "[mqtt] port"),
        ("prot = 1883", "unknown setting"),
        ("port =", "not valid TOML"),
    ],
)
def test_an_error_begins_with_the_name_of_the_file(tree: Tree, new: str, fault: str) -> None:
    [line] = tree.found(
        settings_addresses_match_compose.problems, default_settings.FILE, "port = 1883", new
    )
    assert line.startswith(f"{default_settings.FILE}: 1 problem")
    assert fault in line
    assert str(tree.root) not in line
