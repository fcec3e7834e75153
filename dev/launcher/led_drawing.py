"""Draw the gateway's three LEDs in text, from the metrics that the led worker publishes.

The metrics are described in hems/workers/led/led_metrics.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from hems.supervision.health.health_row import HealthRow

STEADY = {"solid": "●", "off": "○"}
BLINKING = "◐"


def lamps(rows: Iterable[HealthRow]) -> list[str]:
    """Return each LED with its meaning, none while the worker has published nothing."""
    published = [json.loads(row.metrics) for row in rows if row.name == "led"]
    return [
        _lamp(label, light["pattern"], light["meaning"])
        for metrics in published
        for label, light in metrics.get("lamps", {}).items()
    ]


def _lamp(label: str, pattern: str, meaning: str) -> str:
    if pattern in STEADY:
        return f"{STEADY[pattern]} {label}: {meaning}"
    return f"{BLINKING} {label}: {meaning} ({pattern})"
