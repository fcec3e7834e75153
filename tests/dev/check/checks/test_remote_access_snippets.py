"""The services in docs/remote-access.md pass the checks inside docker-compose.yml."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dev.check import compose_file
from dev.check.checks import (
    compose_addresses_and_ports,
    compose_memory_limits,
    compose_privileges,
    compose_supported_keys,
    compose_volumes,
    healthcheck_tolerance,
    image_versions,
)
from tests.fakes.tree import Tree

DOCUMENT = Path(__file__).parents[4] / "docs/remote-access.md"
SNIPPETS = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
CHECKS = (
    compose_addresses_and_ports,
    compose_privileges,
    compose_supported_keys,
    compose_volumes,
    healthcheck_tolerance,
    image_versions,
)


def project_with(tree: Tree, snippet: str) -> dict[str, Any]:
    """Return docker-compose.yml with the snippet's services and volumes."""
    project: dict[str, Any] = yaml.safe_load((tree.root / compose_file.FILE).read_text())
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
    (tree.root / compose_file.FILE).write_text(yaml.safe_dump(project))
    assert list(problems(tree.root)) == []


@pytest.mark.parametrize("snippet", SNIPPETS, ids=["tailscale", "cloudflared"])
def test_a_snippet_has_a_memory_limit(snippet: str) -> None:
    services = yaml.safe_load(snippet)["services"].values()
    assert all(compose_memory_limits.LIMIT.fullmatch(one["mem_limit"]) for one in services)
