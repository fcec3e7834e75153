import pytest

from dev.check.checks.documented_workers import FILE, problems
from tests.fakes.tree import Tree


def test_the_projects_table_is_complete(tree: Tree) -> None:
    assert list(problems(tree.root)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("| telemetry |", "| telemetrie |", "the table of workers has no row for telemetry"),
        ("| telemetry |", "| telemetrie |", "hems has no worker telemetrie, expected one of"),
        ("| publishes the gateway", "| shows the gateway", "telemetry: found 'shows the gateway"),
        ("| worker |", "| Worker |", "found no table that begins with '| worker |'"),
    ],
    ids=["missing", "unknown", "purpose", "table"],
)
def test_a_difference_is_found(tree: Tree, old: str, new: str, fault: str) -> None:
    assert any(fault in line for line in tree.found(problems, FILE, old, new))
