import pytest

from dev.check.checks import readme_ports_and_versions
from tests.fakes.tree import Tree

MQTT = "services/mqtt/README.md"
PROXY = "services/nginx-reverse-proxy/README.md"


def test_a_port_that_is_not_mentioned_is_found(tree: Tree) -> None:
    [line] = tree.found(readme_ports_and_versions.problems, PROXY, "8086", "8087")
    assert line.startswith("services/nginx-reverse-proxy/README.md: port 8086 is not mentioned")


def test_a_service_without_a_readme_is_found(tree: Tree) -> None:
    (tree.root / MQTT).unlink()
    assert any(
        line.startswith(f"{MQTT}: missing")
        for line in readme_ports_and_versions.problems(tree.root)
    )


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (
            "services/influxdb/Dockerfile",
            "2.7.12",
            "3.1.0",
            "influxdb/README.md: expected the version in use, 3.1.0",
        ),
        ("services/wifi-connect/fetch.py", "v4.11.84", "v4.12.0", "4.12.0 or 4.12"),
    ],
)
def test_a_readme_without_the_version_in_use_is_found(
    tree: Tree, file: str, old: str, new: str, fault: str
) -> None:
    [line] = tree.found(readme_ports_and_versions.problems, file, old, new)
    assert fault in line
