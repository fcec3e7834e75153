import pytest

from dev import ROOT
from dev.check.checks import supervisor_action_time
from dev.check.compose_file import FILE
from tests.fakes.tree import Tree

TOML = "etc/hems.toml"


def test_the_tree_is_accepted() -> None:
    assert list(supervisor_action_time.problems(ROOT)) == []


def test_a_service_that_stops_too_slowly_is_found(tree: Tree) -> None:
    grace = "stop_grace_period: "
    [line] = tree.found(supervisor_action_time.problems, FILE, f"{grace}120s", f"{grace}151s")
    assert line == (
        "etc/hems.toml: [watchdog] action_timeout_s: found 180, expected 181 or more: "
        "docker-compose.yml gives homeassistant a stop_grace_period of 151s"
    )


@pytest.mark.parametrize(("limit", "count"), [("150.0", 0), ("149.0", 1), ("89.0", 3)])
def test_a_time_limit_that_is_too_short_is_found(tree: Tree, limit: str, count: int) -> None:
    name = "action_timeout_s = "
    lines = tree.found(supervisor_action_time.problems, TOML, f"{name}180.0", f"{name}{limit}")
    assert len(lines) == count
