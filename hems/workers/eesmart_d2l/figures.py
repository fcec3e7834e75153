"""What the worker tells its supervisor: figures for machines, a line for people."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hems.clients.mqtt import MqttPublisher, spoken
from hems.workers.eesmart_d2l.device import Device
from hems.workers.eesmart_d2l.server import D2lServer


class Figures(msgspec.Struct, frozen=True):
    """X_HEMS_STATE of eesmart-d2l. Ages in seconds; None before the first frame."""

    meters_known: int
    meters_seen: int
    frames: int
    refused: dict[str, int]
    last_frame_age_s: float | None
    connections: int
    mqtt: str  # "connected", or why not
    vendor: str  # empty while every frame is relayed as it should be, or the relay is off


def figures(
    server: D2lServer, devices: Sequence[Device], publisher: MqttPublisher, now: float
) -> Figures:
    """Return the figures at monotonic `now` (s)."""
    seen = [now - device.last_frame_at for device in devices if device.last_frame_at is not None]
    return Figures(
        meters_known=len(devices),
        meters_seen=len(seen),
        frames=sum(device.frames for device in devices),
        refused={reason.value: count for reason, count in server.refusals.counts.items()},
        last_frame_age_s=round(min(seen), 1) if seen else None,
        connections=len(server.connections),
        mqtt=publisher.connection,
        vendor=server.upstream_outage.reason,
    )


def status(told: Figures) -> str:
    """Return the figures as one line for people."""
    if not told.meters_known:
        return "no dongle may connect: set D2L_DEVICES=id:key:iv"
    parts = [f"{told.meters_seen} of {told.meters_known} meters seen", f"{told.frames} frames"]
    if told.refused:
        mostly = max(told.refused, key=lambda reason: told.refused[reason])
        parts.append(f"{sum(told.refused.values())} refused (mostly: {mostly})")
    parts.append(spoken(told.mqtt))
    if told.vendor:
        parts.append(f"vendor away: {told.vendor}")
    return ", ".join(parts)
