import pytest

from hems.desk.check import editions
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("services/mqtt/README.md", "Mosquitto 2.0", "Mosquitto 1.6", "expected 2.0.22 or 2.0"),
        ("services/influxdb/Dockerfile", "2.7.12", "3.1.0", "influxdb/README.md: expected 3.1.0"),
        ("services/wifi-connect/fetch.py", "v4.11.84", "v4.12.0", "expected 4.12.0 or 4.12"),
        ("services/hass-configurator/requirements.txt", "0.7.0", "0.8.0", "expected 0.8.0 or 0.8"),
    ],
)
def test_a_release_that_its_readme_lacks_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(editions.problems, file, old, new)
    assert fault in line


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(editions.problems(tree.root)) == []
