import pytest

from dev.check.checks import dockerignore
from tests.fakes.tree import Tree


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("etc", "etc: excludes etc/hems.toml, which Dockerfile needs"),
        ("*.lock", "*.lock: excludes requirements.lock, which Dockerfile needs"),
        ("hems/settings", "hems/settings: excludes hems, which Dockerfile needs"),
        ("**/*.conf", "excludes services/mqtt/mosquitto.conf, which services/mqtt/Dockerfile"),
        ("services/*/login.py", "excludes services/hass-configurator/login.py, which"),
        (
            "services/mqtt",
            "excludes services/mqtt/Dockerfile, which services/mqtt/Dockerfile needs",
        ),
    ],
)
def test_a_pattern_that_excludes_a_copied_file_is_found(
    tree: Tree, pattern: str, fault: str
) -> None:
    lines = tree.found(dockerignore.problems, dockerignore.FILE, "tests\n", f"tests\n{pattern}\n")
    assert any(fault in line for line in lines)


def test_a_pattern_that_lets_development_code_in_is_found(tree: Tree) -> None:
    [line] = tree.found(dockerignore.problems, dockerignore.FILE, "\ndev\n", "\n")
    assert line == f"{dockerignore.FILE}: expected a line dev: no image contains it"
