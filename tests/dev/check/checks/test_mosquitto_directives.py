import pytest

from dev.check.checks import mosquitto_directives
from dev.check.mosquitto_files import FILE
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
        (
            "listener 1884 127.0.0.1",
            "listener 1884",
            "found every address, expected 127.0.0.1",
        ),
    ],
)
def test_a_directive_with_another_value_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(mosquitto_directives.problems, FILE, old, new)
    assert fault in line
