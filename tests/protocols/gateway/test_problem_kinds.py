"""The table of problems, against the code that reports them."""

import ast
from pathlib import Path

import pytest

import hems
from hems.protocols.gateway import problem_kinds, refusals_of_an_hour, zigbee_problem_kinds
from hems.protocols.gateway.problem_kinds import KINDS
from hems.protocols.home_assistant import zha_setup_flow, zigbee_stick_finder
from hems.supervision.units.unit_state_problems import SEEN_HERE
from hems.supervision.worker.notification_values import MAX_NAME, one_line
from hems.supervision.worker.problem import Actor, ProblemKind

ROOT = Path(hems.__file__).parent
DEFINED = vars(problem_kinds) | vars(zigbee_problem_kinds)
NAMES = {name for name, kind in DEFINED.items() if isinstance(kind, ProblemKind)}


def reported() -> set[str]:
    """Return the names of the kinds that some worker's code mentions, or what it decides with."""
    decide = (refusals_of_an_hour, zha_setup_flow, zigbee_stick_finder)
    paths = [*(ROOT / "workers").rglob("*.py"), *(Path(str(one.__file__)) for one in decide)]
    trees = (ast.parse(path.read_text()) for path in paths)
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


def test_every_kind_is_in_the_table_once() -> None:
    assert {id(DEFINED[name]) for name in NAMES} == {id(kind) for kind in KINDS}
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_every_kind_is_reported_by_a_worker_or_by_supervision() -> None:
    unused = {name for name in NAMES if DEFINED[name].name not in SEEN_HERE}
    assert unused - reported() == set()
    assert {kind.name for kind in KINDS} >= SEEN_HERE


@pytest.mark.parametrize("path", sorted((ROOT / "workers").rglob("*.py")), ids=lambda p: p.stem)
def test_a_worker_reports_only_kinds_of_the_table(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    called = {ast.unparse(call.func) for call in calls}
    assert not called & {"ProblemKind", "ReportedProblem"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_has_plain_texts_for_one_person(kind: ProblemKind) -> None:
    assert kind.name == kind.name.lower().replace(" ", "-")[:MAX_NAME]
    for text in (kind.title, kind.what_to_do):
        assert text
        assert text == one_line(text, 300)
        assert not text.endswith(".")
    assert kind.who in Actor
