"""The gateway itself as a device in Home Assistant: which entities it has.

Their ids begin with `gateway_` on every gateway, so that dashboards and central views of many
gateways can name them; what makes them unique is the node. Their states are made by
gateway_state.py. All are diagnostic: about the gateway, not about the home.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from hems.protocols.ha_discovery import Device, Entity, Platform
from hems.protocols.health_report import UnitState
from hems.protocols.watchdog_state import Internet

PREFIX = "gateway"
NODE_DIGITS = 12


class Reboots(StrEnum):
    """What the watchdog does about a missing internet."""

    NONE_DUE = "none due"
    DUE = "due"
    EXHAUSTED = "exhausted"  # they have not helped, so the next one is a day away
    HELD_BACK = "held back"  # they cannot be counted on disk, so none is made


ENTITIES = (
    Entity(
        "problem", "Problem", Platform.BINARY_SENSOR, "problem", attributes=("problems", "unread")
    ),
    Entity(
        "internet",
        "Internet",
        device_class="enum",
        options=tuple(Internet),
        attributes=("internet_reason",),
    ),
    Entity(
        "reboots",
        "Reboots for the internet",
        device_class="enum",
        options=tuple(Reboots),
        attributes=("next_reboot_in_min",),
    ),
    Entity(
        "last_repair",
        "Last repair",
        device_class="timestamp",
        attributes=("last_repair_action", "last_repair_reason"),
    ),
    # Not "uptime": what ends so is noise to Home Assistant's recorder and InfluxDB as we set them.
    Entity("uptime_hours", "Uptime", Platform.SENSOR, "duration", "measurement", "h"),
    Entity("last_reading_age", "Newest reading", Platform.SENSOR, "duration", "measurement", "min"),
    Entity(
        "cpu_temperature", "CPU temperature", Platform.SENSOR, "temperature", "measurement", "°C"
    ),
    Entity("memory_used", "Memory used", state_class="measurement", unit="%"),
    Entity("disk_used", "Disk used", state_class="measurement", unit="%"),
    Entity("disk_free", "Disk free", Platform.SENSOR, "data_size", "measurement", "GB"),
    Entity("disk_written", "Written to disk", state_class="measurement", unit="MB/h"),
    Entity("version", "Version"),
    Entity("os_version", "Operating system"),
)


def device(identity: str, version: str) -> Device:
    """Return the gateway that `identity`, a text of its own, belongs to.

    The identity is not shown: machine-id(5) asks for that, and a hash is as good.
    """
    digest = hashlib.sha256(f"hems {identity}".encode()).hexdigest()
    return Device(
        node=f"{PREFIX}_{digest[:NODE_DIGITS]}",
        name="Gateway",
        manufacturer="SmartCORE",
        model="HEMS gateway",
        sw_version=version,
        entity_prefix=PREFIX,
    )


def unit_key(name: str) -> str:
    """Return what the keys of the unit `name` begin with, in entities and state."""
    return f"unit_{name.replace('-', '_')}"


def entities(units: Iterable[str]) -> tuple[Entity, ...]:
    """Return the entities of a gateway with these units."""
    found = (*ENTITIES, *(one for name in units for one in _unit(name)))
    return tuple(replace(one, is_diagnostic=True) for one in found)


def _unit(name: str) -> tuple[Entity, Entity]:
    key = unit_key(name)
    attributes = (f"{key}_reason", f"{key}_restart_reason")
    state = Entity(key, name, device_class="enum", options=tuple(UnitState), attributes=attributes)
    return state, Entity(f"{key}_restarts", f"{name} restarts", state_class="total_increasing")
