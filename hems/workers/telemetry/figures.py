"""What the worker tells its supervisor: figures for machines, a line for people."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hems.clients.mqtt import spoken


class Figures(msgspec.Struct, frozen=True):
    """X_HEMS_STATE of telemetry. `unread`: why something is not known, by its name."""

    published: int
    mqtt: str  # "connected", or why not
    unread: Mapping[str, str]


def status(told: Figures) -> str:
    """Return the figures as one line for people."""
    parts = [spoken(told.mqtt), f"{told.published} states published"]
    if told.unread:
        parts.append(f"not known: {', '.join(told.unread)}")
    return ", ".join(parts)
