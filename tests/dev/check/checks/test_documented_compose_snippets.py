import pytest

from dev.check.checks import documented_compose_snippets
from tests.fakes.tree import Tree

FILE = "docs/remote-access.md"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("172.18.4.8", "172.18.4.7", "cloudflared: mqtt has 172.18.4.7, expected a free address"),
        (":2026.8.2", ":latest", "found cloudflare/cloudflared:latest, expected a version"),
        ("  tailscale:\n", "  mqtt:\n", "mqtt: docker-compose.yml has a service of this name"),
        ("cap_add:\n", "cap_add: [\n", "a block for docker-compose.yml: while parsing"),
        ("cap_add:\n", "ports: 80\n    cap_add:\n", "Expected `array`, got `int`"),
    ],
)
def test_a_service_that_does_not_fit_is_found(tree: Tree, old: str, new: str, fault: str) -> None:
    [line] = tree.found(documented_compose_snippets.problems, FILE, old, new)
    assert line.startswith(f"{FILE}: ")
    assert fault in line
