"""The health of all units as JSON: the answer to getHealth, and the content of the health file.

    {"written_at": CLOCK_MONOTONIC in seconds, "units": [a HealthRow, ...]}

`metrics` is an object in it. It has no ages, so that the text of a unit that does not change can be
used again: with 300 units that is most of the work.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hems.supervision.health.health_row import HealthRow
from hems.supervision.health.problem_list import ListedProblem

if TYPE_CHECKING:  # supervisord does not look at its units' memory, supervisorctl does
    from hems.supervision.processes.resource_usage import ResourceUsage


class HealthEncoder:
    """Encode reports; keep the last text of each unit."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[HealthRow, str]] = {}

    def report(self, rows: Iterable[HealthRow], now: float) -> str:
        """Return the report of `rows` at monotonic `now` (s)."""
        known, self._texts = self._texts, {}
        for row in rows:
            last = known.get(row.name)
            self._texts[row.name] = last if last and last[0] == row else (row, encode(row))
        units = ", ".join([text for _row, text in self._texts.values()])
        written_at = math.floor(now * 1000) / 1000  # never in the future
        return f'{{"written_at": {written_at:.3f}, "units": [{units}]}}'


def encode(row: HealthRow) -> str:
    """Return a row as a JSON object, in ASCII and with all fields."""
    problems = [problem._asdict() for problem in row.problems]
    text = json.dumps({**row._asdict(), "problems": problems, "metrics": None})
    return text.replace('"metrics": null', f'"metrics": {row.metrics}', 1)


def as_json(rows: Iterable[HealthRow], usages: Mapping[str, ResourceUsage]) -> str:
    """Return one JSON array of rows, with what the processes of each unit use (or null)."""
    objects = []
    for row in rows:
        usage = json.dumps(usages[row.name]._asdict() if row.name in usages else None)
        objects.append(f'{encode(row)[:-1]}, "usage": {usage}}}')
    return f"[{', '.join(objects)}]"


def decode(text: str, now: float) -> list[HealthRow]:
    """Return the rows of a report; none if it is from before the boot. `now` is monotonic (s).

    Raises ValueError, TypeError, KeyError or AttributeError for any other text.
    """
    report = json.loads(text)
    if report["written_at"] > now:
        return []
    return [from_object(unit) for unit in report["units"]]


def from_object(unit: Mapping[str, Any]) -> HealthRow:
    """Return the row of a decoded JSON object; ignore fields of a newer version.

    Raises TypeError when a field without a default is missing.
    """
    row = _known(unit, HealthRow)
    row["problems"] = tuple(
        ListedProblem(**_known(problem, ListedProblem)) for problem in unit.get("problems", ())
    )
    row["metrics"] = json.dumps(unit["metrics"], separators=(",", ":"))
    return HealthRow(**row)


def _known(fields: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    return {name: fields[name] for name in kind._fields if name in fields}
