"""The metrics of eesmart-d2l, and the same as one line for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from hems.clients.mqtt.publisher import MqttPublisher, connection_status
from hems.workers.eesmart_d2l.d2l_server import D2lServer
from hems.workers.eesmart_d2l.dongle import Dongle
from hems.workers.eesmart_d2l.refused_frames import DOOR


class D2lMetrics(msgspec.Struct, frozen=True):
    """The metrics of eesmart-d2l. Ages in seconds; None before the first frame.

    `last_frame_age_s`: of the newest frame that nobody can have forged.
    """

    meters_known: int
    meters_seen: int
    frames: int
    refused: dict[str, int]
    # By door: what only strangers send, or a dongle with a wrong key.
    refused_in_an_hour: Mapping[str, int]
    last_frame_age_s: float | None
    connections: int
    mqtt: str  # "connected", or why the broker is away
    vendor: str  # why frames do not reach the vendor; empty if they do, or if the relay is off


def metrics(
    server: D2lServer, dongles: Sequence[Dongle], publisher: MqttPublisher, now: float
) -> D2lMetrics:
    """Return the metrics at monotonic `now` (s)."""
    ages = [now - dongle.last_life_at for dongle in dongles if dongle.last_life_at is not None]
    return D2lMetrics(
        meters_known=len(dongles),
        meters_seen=sum(dongle.last_frame_at is not None for dongle in dongles),
        frames=sum(dongle.frames for dongle in dongles),
        refused={reason.value: count for reason, count in server.refused.counts.items()},
        refused_in_an_hour={DOOR: server.refused.of_strangers.count(now)},
        last_frame_age_s=round(min(ages), 1) if ages else None,
        connections=len(server.connections),
        mqtt=publisher.connection,
        vendor=server.upstream_outage.reason,
    )


def status(metrics: D2lMetrics) -> str:
    """Return the metrics as one line for people."""
    if not metrics.meters_known:
        return "no dongle may connect: set D2L_DEVICES=id:key:iv"
    parts = [
        f"{metrics.meters_seen} of {metrics.meters_known} meters seen",
        f"{metrics.frames} frames",
    ]
    if metrics.refused:
        reason = max(metrics.refused, key=lambda name: metrics.refused[name])
        parts.append(f"{sum(metrics.refused.values())} refused (mostly: {reason})")
    parts.append(connection_status(metrics.mqtt))
    if metrics.vendor:
        parts.append(f"vendor away: {metrics.vendor}")
    return ", ".join(parts)
