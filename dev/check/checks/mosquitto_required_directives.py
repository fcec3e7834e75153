"""Check mosquitto's directives: persistence, files from provision, who needs no password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dev.check import mosquitto_conf, read_source_files
from dev.check.mosquitto_conf import FILE

TITLE = "mqtt: mosquitto keeps its messages and asks for passwords"
EXPECTED = {
    "per_listener_settings": "true",  # otherwise the health check's listener admits everybody
    "persistence": "true",
    "persistence_location": mosquitto_conf.DATA_IN_IMAGE,
    "autosave_interval": "0",  # run_mosquitto.py bounds what is written in a day
    "include_dir": mosquitto_conf.GATEWAY_VOLUME,
}
INSIDE = "/run/mosquitto/"  # sockets, which nothing outside the container reaches
BOUNDS = ("memory_limit", "max_packet_size", "max_queued_messages", "max_queued_bytes")


def problems(root: Path) -> Iterator[str]:
    """Yield each directive with another value, and each anonymous listener on the network."""
    text = read_source_files.text(root, FILE)
    for name, expected in EXPECTED.items():
        values = re.findall(rf"^{name} +(.*)$", text, re.MULTILINE)
        if values != [expected]:
            yield f"{FILE}: {name}: found {', '.join(values) or 'none'}, expected {expected}"
    for listener in mosquitto_conf.listeners(text):
        if listener.is_anonymous and not listener.address.startswith(INSIDE):
            address = listener.address or "every address"
            where = f"{FILE}: listener {listener.port}"
            yield f"{where}: found {address}, expected a socket in {INSIDE}: it asks no password"
    for name in BOUNDS:
        if not re.search(rf"^{name} +[1-9]\d*$", text, re.MULTILINE):
            yield f"{FILE}: {name}: expected a number above 0, so that the broker has this bound"
