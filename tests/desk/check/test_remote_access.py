"""What docs/remote-access.md offers can be pasted into docker-compose.yml as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from hems.desk.check import compose, health, images, keys, networks, rights, volumes
from tests.fakes.tree import Tree

DOCUMENT = Path(__file__).parents[3] / "docs/remote-access.md"
SNIPPETS = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
CHECKS = (health, images, keys, networks, rights, volumes)


def project_with(tree: Tree, snippet: str) -> dict[str, Any]:
    """Return docker-compose.yml with the snippet's services and volumes."""
    project: dict[str, Any] = yaml.safe_load((tree.root / compose.FILE).read_text())
    added = yaml.safe_load(snippet)
    for key in ("services", "volumes"):
        project[key] |= added.get(key, {})
    return project


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) == 2


@pytest.mark.parametrize("problems", [check.problems for check in CHECKS])
@pytest.mark.parametrize("snippet", SNIPPETS, ids=["tailscale", "cloudflared"])
def test_a_snippet_passes_every_check(
    tree: Tree, snippet: str, problems: Callable[[Path], Iterable[str]]
) -> None:
    project = project_with(tree, snippet)
    (tree.root / compose.FILE).write_text(yaml.safe_dump(project))
    assert list(problems(tree.root)) == []
