import pytest

from hems.desk.check import ignored
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("etc", "etc: takes away etc/hems.toml, which Dockerfile needs"),
        ("*.lock", "*.lock: takes away requirements.lock, which Dockerfile needs"),
        ("hems/settings", "hems/settings: takes away hems, which Dockerfile needs"),
        ("**/*.conf", "takes away services/mqtt/mosquitto.conf, which services/mqtt/Dockerfile"),
        ("services/*/health.py", "takes away services/hass-configurator/health.py, which"),
        (
            "services/mqtt",
            "takes away services/mqtt/Dockerfile, which services/mqtt/Dockerfile needs",
        ),
    ],
)
def test_a_pattern_that_takes_away_what_is_copied_is_found(
    tree: Tree, pattern: str, fault: str
) -> None:
    lines = tree.found(ignored.problems, ignored.FILE, "tests\n", f"tests\n{pattern}\n")
    assert any(fault in line for line in lines)


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(ignored.problems(tree.root)) == []
