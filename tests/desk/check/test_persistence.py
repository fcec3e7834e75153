import pytest

from hems.desk.check import mosquitto, persistence
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("persistence true", "persistence false", "persistence: found false, expected true"),
        (
            "/mosquitto/data/",
            "/data/",
            "persistence_location: found /data/, expected /mosquitto/da",
        ),
        ("per_listener_settings true", "", "per_listener_settings: found none, expected true"),
        ("include_dir /gateway", "include_dir /gateway/mosquitto", "expected /gateway"),
    ],
)
def test_what_the_broker_would_lose_is_found(tree: Tree, old: str, new: str, fault: str) -> None:
    [line] = tree.found(persistence.problems, mosquitto.FILE, old, new)
    assert fault in line


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(persistence.problems(tree.root)) == []
