"""Print measurements and their budgets as one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement. `budget` is the limit as people read it, empty if there is none."""

    what: str
    value: str
    budget: str = ""
    is_met: bool | None = None  # None: no budget to meet


def markdown(rows: Iterable[Row]) -> str:
    """Return the rows as one Markdown table."""
    lines = ["| what | measured | budget | met |", "|---|---|---|---|"]
    for row in rows:
        met = {None: "", True: "yes", False: "NO"}[row.is_met]
        lines.append(f"| {row.what} | {row.value} | {row.budget} | {met} |")
    return "\n".join(lines)
