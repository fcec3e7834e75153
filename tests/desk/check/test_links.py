import pytest

from hems.desk.check import links
from tests.fakes.tree import Tree

README, MQTT = "README.md", "services/mqtt/README.md"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (README, "(ARCHITECTURE.md)", "(ARCHITEKTUR.md)", "the link ARCHITEKTUR.md leads nowhere"),
        ("docs/extending.md", "(../CONVENTIONS.md)", "(CONVENTIONS.md)", "the link CONVENTIONS.md"),
        (README, "python3 bin/up", "python3 bin/start", "README.md: there is no bin/start"),
        (MQTT, "etc/hems.toml", "etc/mqtt.toml", f"{MQTT}: there is no etc/mqtt.toml"),
        (README, "services/NAME/README.md", "services/broker", "there is no services/broker"),
        (README, "port 7845", "port 7854", "README.md: nothing listens on port 7854, expected one"),
        (MQTT, "**Port** 1883", "**Port** 8883", f"{MQTT}: nothing listens on port 8883"),
        ("services/nginx-reverse-proxy/README.md", "443 and", "444 and", "on port 444, expected"),
    ],
)
def test_what_leads_nowhere_is_found(tree: Tree, file: str, old: str, new: str, fault: str) -> None:
    assert any(fault in line for line in tree.found(links.problems, file, old, new))


@pytest.mark.parametrize(
    "text", ["https://bin/x", "/etc/passwd", ".venv/bin/x", "[a](#b)", "ports"]
)
def test_what_is_elsewhere_is_not_looked_for(tree: Tree, text: str) -> None:
    assert tree.found(links.problems, MQTT, "Mosquitto", f"{text} ") == []


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(links.problems(tree.root)) == []
