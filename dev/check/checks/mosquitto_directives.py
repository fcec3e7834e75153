"""Check mosquitto's directives: persistence, files from provision, who needs no password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dev.check import mosquitto_files, source_tree
from dev.check.mosquitto_files import FILE

TITLE = "mqtt: mosquitto keeps its messages and asks for passwords"
EXPECTED = {
    "per_listener_settings": "true",  # otherwise the health check's listener admits everybody
    "persistence": "true",
    "persistence_location": mosquitto_files.DATA_IN_IMAGE,
    "include_dir": mosquitto_files.GATEWAY_VOLUME,
}
LOOPBACK = "127.0.0.1"


def problems(root: Path) -> Iterator[str]:
    """Yield each directive with another value, and each anonymous listener on the network."""
    text = source_tree.text(root, FILE)
    for name, expected in EXPECTED.items():
        values = re.findall(rf"^{name} +(.*)$", text, re.MULTILINE)
        if values != [expected]:
            yield f"{FILE}: {name}: found {', '.join(values) or 'none'}, expected {expected}"
    for listener in mosquitto_files.listeners(text):
        if listener.is_anonymous and listener.address != LOOPBACK:
            address = listener.address or "every address"
            where = f"{FILE}: listener {listener.port}"
            yield f"{where}: found {address}, expected {LOOPBACK}: it asks for no password"
