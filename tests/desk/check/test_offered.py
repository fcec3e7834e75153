import pytest

from hems.desk.check import offered
from tests.fakes.tree import Tree

FILE = "docs/remote-access.md"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("172.18.4.8", "172.18.4.7", "cloudflared: 172.18.4.7 is mqtt's, expected a free one"),
        (":2026.8.2", ":latest", "found cloudflare/cloudflared:latest, expected a version"),
        ("  tailscale:\n", "  mqtt:\n", "mqtt: docker-compose.yml has a service of this name"),
        ("cap_add:\n", "cap_add: [\n", "a block for docker-compose.yml: while parsing"),
        ("cap_add:\n", "ports: 80\n    cap_add:\n", "Expected `array`, got `int`"),
    ],
)
def test_what_could_not_be_pasted_is_found(tree: Tree, old: str, new: str, fault: str) -> None:
    [line] = tree.found(offered.problems, FILE, old, new)
    assert line.startswith(f"{FILE}: ")
    assert fault in line


def test_what_stands_there_is_right(tree: Tree) -> None:
    assert list(offered.problems(tree.root)) == []
