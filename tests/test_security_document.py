"""What docs/security.md promises has its tests: the page and the code may not part."""

import ast
import re
from functools import cache

from dev import ROOT

DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ATTACK = re.compile(r"^\| (A\d+) \|[^|]*\|(.*)\|$", re.MULTILINE)
REFERENCE = re.compile(r"\bA\d+\b")


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, kinds)}


def test_every_test_that_it_names_exists() -> None:
    named = NAMED.findall(DOCUMENT)
    assert len(named) > 40
    missing = [(path, test) for path, test in named if test not in functions_of(path)]
    assert missing == []


def test_every_attack_has_a_test_and_every_reference_an_attack() -> None:
    attacks = {number: NAMED.findall(tests) for number, tests in ATTACK.findall(DOCUMENT)}
    assert [*attacks] == [f"A{number}" for number in range(1, 20)]
    assert [number for number, tests in attacks.items() if not tests] == []
    assert set(REFERENCE.findall(DOCUMENT)) <= {*attacks}
