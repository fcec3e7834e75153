"""Read from the health report how often each door of the gateway refused somebody lately."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hems.protocols.gateway.unit_health_file import HealthReport


class ReportedRefusals(msgspec.Struct, frozen=True):
    """The part of a unit's metrics that says how often its doors refused somebody, by door."""

    refused_in_an_hour: Mapping[str, int] | None = None


def by_door(report: HealthReport) -> Mapping[str, int] | None:
    """Return how often each door refused somebody in the last hour, None if no unit counts it."""
    reports = [report.metrics(unit.name, ReportedRefusals) for unit in report.units]
    counted = [one.refused_in_an_hour for one in reports if one and one.refused_in_an_hour]
    return {door: count for counts in counted for door, count in counts.items()} or None


def listed(counts: Mapping[str, int]) -> str:
    """Return the doors that refused somebody, and how often, as words; empty if none did."""
    words = [f"{door} {count}" for door, count in counts.items() if count]
    return f"refused in the last hour: {', '.join(words)}" if words else ""
