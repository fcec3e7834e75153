"""Cases of a Linky's frames, as JSON lines, and what Home Assistant's recorder makes of them.

tests/data/linky_cases/README.md describes the format.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hems.protocols.linky.d2l_frames import CLOCK_EPOCH

CASES = Path(__file__).parent / "data" / "linky_cases"
RESET_RATIO = 0.9


@dataclass(frozen=True)
class LinkyCase:
    """One file: what is right, and the steps."""

    name: str
    title: str
    right: dict[str, Any]
    steps: tuple[dict[str, Any], ...]


def load(path: Path) -> LinkyCase:
    first, *steps = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return LinkyCase(path.stem, first["title"], first.get("right", {}), tuple(steps))


@cache
def all_cases() -> tuple[LinkyCase, ...]:
    """Return every case that says what is right, in the order of the names."""
    return tuple(case for path in sorted(CASES.glob("*.jsonl")) if (case := load(path)).right)


def payload(step: dict[str, Any], now: float) -> bytes:
    """Return the payload of a step, with the meter's clock at `now` (unix s) + dt + error."""
    meter_time = now + step.get("dt", 0) + step.get("error", 0)
    if "raw" in step:
        return str(step["raw"]).replace("{NOW}", horodate(meter_time)).encode()
    document = dict(step["doc"])
    if document.get("_TYPE_TRAME") == "HISTORIQUE":
        document["_HORLOGE"] = str(int(meter_time) - CLOCK_EPOCH)
    else:
        document["DATE"] = horodate(meter_time)
    return json.dumps(document).encode()


def horodate(now: float) -> str:
    """Return the DATE of a meter on winter time at `now` (unix s)."""
    return time.strftime("H%y%m%d%H%M%S", time.gmtime(now + 3600))


def recorder_sum(values: Iterable[int | None]) -> int:
    """Return what the recorder adds up for a total_increasing sensor that had `values`.

    A value below 0.9 of the newest begins a new cycle, whose value counts whole.
    """
    known = [value for value in values if value is not None]
    before, start, newest = 0, *(known[:1] or [0]) * 2
    for value in known:
        if value < RESET_RATIO * newest:
            before, start = before + newest - start, 0
        newest = value
    return before + newest - start


def faults(
    case: LinkyCase, states: list[dict[str, Any]], components: dict[str, Any] | None = None
) -> list[str]:
    """Return where the published `states`, one after each step, differ from what is right.

    `components` are those of the last discovery message. tests/data/linky_cases/README.md says
    what is right.
    """
    lines = [*_entity_faults(case, components or {})]
    for key, expected in case.right.get("sum", {}).items():
        total = recorder_sum(state.get(key) for state in states)
        if total != expected:
            lines.append(f"sum of {key}: {total}, expected {expected}")
    for key, wrong in case.right.get("never", {}).items():
        values = [state[key] for state in states if state.get(key) in wrong and key in state]
        lines += [f"{key} showed {value}" for value in values]
    for key, most in case.right.get("most", {}).items():
        values = [state[key] for state in states if (state.get(key) or 0) > most]
        lines += [f"{key} showed {value}, more than {most}" for value in values]
    for key, expected in case.right.get("last", {}).items():
        value = states[-1].get(key)
        if value != expected:
            lines.append(f"{key}: {value} in the end, expected {expected}")
    return lines


def _entity_faults(case: LinkyCase, components: dict[str, Any]) -> Iterator[str]:
    for key, name in case.right.get("names", {}).items():
        if (entity_name := components.get(key, {}).get("name")) != name:
            yield f"{key} is called {entity_name}, expected {name}"
    for key in case.right.get("gone", ()):
        if len(components.get(key, {})) > 1:
            yield f"{key} is an entity, expected none"
    for key in case.right.get("removed", ()):
        if components.get(key, {}).keys() != {"platform"}:
            yield f"{key}: found {components.get(key)}, expected a platform alone"
