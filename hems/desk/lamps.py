"""The three LEDs as bin/up draws them, from what the led worker tells its supervisor.

The figures are the worker's: see hems/workers/led/figures.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from hems.supervision.health import Row

STEADY = {"solid": "●", "off": "○"}
BLINKING = "◐"


def lamps(rows: Iterable[Row]) -> str:
    """Return the LEDs and what they mean as one line, empty while the worker has told nothing."""
    told = [json.loads(row.figures) for row in rows if row.name == "led"]
    drawn = [
        _lamp(label, light["pattern"], light["meaning"])
        for figures in told
        for label, light in figures.get("lamps", {}).items()
    ]
    return "  ".join(drawn)


def _lamp(label: str, pattern: str, meaning: str) -> str:
    if pattern in STEADY:
        return f"{STEADY[pattern]} {label}: {meaning}"
    return f"{BLINKING} {label}: {meaning} ({pattern})"
