import pytest

from dev.check.checks import mosquitto_required_directives
from dev.check.mosquitto_conf import FILE
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
            "listener 0 /run/mosquitto/control.sock",
            "listener 1885",
            "found every address, expected a socket in /run/mosquitto/",
        ),
        ("autosave_interval 0", "autosave_interval 60", "autosave_interval: found 60, expected 0"),
        ("max_packet_size 524288", "", "max_packet_size: expected a number above 0"),
        ("memory_limit 5", "memory_limit 0", "memory_limit: expected a number above 0"),
    ],
)
def test_a_directive_with_another_value_is_found(
    tree: Tree, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(mosquitto_required_directives.problems, FILE, old, new)
    assert fault in line
