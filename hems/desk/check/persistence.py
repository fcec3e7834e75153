"""mosquitto keeps its messages on its volume, and takes in what provision writes for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import mosquitto, tree

EXPECTED = {
    "per_listener_settings": "true",  # else the health check's listener opens the other
    "persistence": "true",
    "persistence_location": mosquitto.DATA,
    "include_dir": mosquitto.GATEWAY,
}


def problems(root: Path) -> Iterator[str]:
    """Yield each directive that has another value, or none."""
    text = tree.text(root, mosquitto.FILE)
    for name, value in EXPECTED.items():
        found = re.findall(rf"^{name} +(.*)$", text, re.MULTILINE)
        if found != [value]:
            there = ", ".join(found) or "none"
            yield f"{mosquitto.FILE}: {name}: found {there}, expected {value}"
