"""docs/troubleshooting.md has the table of problems word for word."""

from __future__ import annotations

from pathlib import Path

import hems
from hems.protocols.gateway.problem_kinds import KINDS
from hems.supervision.worker.problem import ProblemKind, about

PAGE = (Path(hems.__file__).parents[1] / "docs" / "troubleshooting.md").read_text(encoding="utf-8")


def after(seconds: float) -> str:
    """Return the patience of a kind for the third column."""
    if seconds == 0:
        return "at once"
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"


def row(kind: ProblemKind) -> str:
    title, what_to_do = about(kind.title, "NAME"), about(kind.what_to_do, "NAME")
    return f"| `{kind.name}` | {title} | {after(kind.patience_s)} | {what_to_do} | {kind.who} |"


def test_the_page_has_the_table_of_problems() -> None:
    section = PAGE.partition("\n## Problems that the gateway reports\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    assert rows == [
        "| problem | what is wrong | listed after | what to do | who |",
        "|---|---|---|---|---|",
        *map(row, KINDS),
    ]
