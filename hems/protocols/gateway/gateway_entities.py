"""The gateway as a device in Home Assistant, and its entities.

On every gateway their ids begin with `gateway_`, so that the same dashboard fits all gateways. The
node makes their unique ids unique. entity_states.py builds their states. All are diagnostic: about
the gateway, not about the home.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from hems.protocols.gateway.watchdog_report import Internet
from hems.protocols.home_assistant.mqtt_discovery import (
    COMMANDING,
    DiscoveryDevice,
    Entity,
    Platform,
)
from hems.supervision.units.unit_phase import HealthState

PREFIX = "gateway"
NODE_DIGITS = 12
GATEWAY = rf"{PREFIX}_[0-9a-f]{{{NODE_DIGITS}}}"  # the node
BLINK = "blink_leds"
SERVICES = {  # that a person may restart, by their names in docker-compose.yml
    "homeassistant": "Home Assistant",
    "influxdb": "InfluxDB",
    "mqtt": "MQTT",
    "nginx-reverse-proxy": "nginx",
    "hass-configurator": "File editor",
}
UNIT_STATES = tuple(state.value for state in HealthState)


class RebootState(StrEnum):
    """Whether the watchdog will reboot the gateway because the internet is away."""

    NONE_DUE = "none due"
    DUE = "due"
    EXHAUSTED = "exhausted"  # they have not helped; the next one is a day away
    HELD_BACK = "held back"  # they cannot be counted on the disk, so there is none


def restart_key(service: str) -> str:
    """Return the key of the button that restarts a service."""
    return f"restart_{service.replace('-', '_')}"


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
        options=tuple(RebootState),
        attributes=("next_reboot_in_min",),
    ),
    Entity(
        "last_repair",
        "Last repair",
        device_class="timestamp",
        attributes=("last_repair_action", "last_repair_reason"),
    ),
    # Not "uptime": Home Assistant's recorder and InfluxDB are set to ignore ids that end so.
    Entity("uptime_hours", "Uptime", Platform.SENSOR, "duration", "measurement", "h"),
    Entity(
        "last_reading_age",
        "Newest reading",
        Platform.SENSOR,
        "duration",
        "measurement",
        "min",
        attributes=("reading_ages",),
    ),
    Entity(
        "cpu_temperature", "CPU temperature", Platform.SENSOR, "temperature", "measurement", "°C"
    ),
    Entity("memory_used", "Memory used", state_class="measurement", unit="%"),
    Entity("disk_used", "Disk used", state_class="measurement", unit="%"),
    Entity("disk_free", "Disk free", Platform.SENSOR, "data_size", "measurement", "GB"),
    Entity(
        "refused_in_an_hour",
        "Refused frames and logins",
        state_class="measurement",
        attributes=("refused_by_door",),
    ),
    Entity("disk_written", "Written to disk", state_class="measurement", unit="MB/h"),
    Entity("certificate_days_left", "Certificate valid for", unit="d"),
    Entity("version", "Version"),
    Entity("os_version", "Operating system"),
    Entity(BLINK, "Blink the LEDs", Platform.BUTTON, icon="mdi:led-on"),
    *(
        Entity(
            restart_key(service),
            "Restart {subject}",
            Platform.BUTTON,
            "restart",
            subject=name,
        )
        for service, name in SERVICES.items()
    ),
)
RESTARTS = {restart_key(service): service for service in SERVICES}  # services, by command
COMMANDS = tuple(one.key for one in ENTITIES if one.platform in COMMANDING)


def device(identity: str, version: str) -> DiscoveryDevice:
    """Return the device of the gateway that the text `identity` identifies."""
    return DiscoveryDevice(
        node=f"{PREFIX}_{digits(identity)}",
        name="Gateway",
        manufacturer="SmartCORE",
        model="HEMS gateway",
        sw_version=version,
        entity_prefix=PREFIX,
    )


def digits(identity: str) -> str:
    """Return the hexadecimal digits that identify the gateway in its topics and unique ids.

    They are those of a hash: the identity is not published, as machine-id(5) requires.
    """
    return hashlib.sha256(f"hems {identity}".encode()).hexdigest()[:NODE_DIGITS]


def unit_key(name: str) -> str:
    """Return the prefix of the unit's keys, in entities and state."""
    return f"unit_{name.replace('-', '_')}"


def entities(units: Iterable[str]) -> tuple[Entity, ...]:
    """Return the entities of a gateway that has these units."""
    of_units = (entity for name in units for entity in _unit(name))
    return tuple(replace(entity, is_diagnostic=True) for entity in (*ENTITIES, *of_units))


def _unit(name: str) -> tuple[Entity, Entity]:
    key = unit_key(name)
    attributes = (f"{key}_reason", f"{key}_restart_reason")
    state = Entity(
        key,
        name,
        device_class="enum",
        options=UNIT_STATES,
        attributes=attributes,
    )
    restarts = Entity(
        f"{key}_restarts", "{subject} restarts", state_class="total_increasing", subject=name
    )
    return state, restarts
