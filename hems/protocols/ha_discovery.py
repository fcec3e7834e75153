"""Home Assistant's MQTT discovery of a whole device (2024.11 or newer).

One retained message on `PREFIX/device/NODE/config` describes the device and all of its
entities; a component that a later message leaves out is removed from Home Assistant. All
entities read one JSON object from one state topic; an entity whose key is missing there,
or null, is "unknown". Shared options are inherited by the components, QoS is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ORIGIN = "hems"
QOS = 1


class Platform(StrEnum):
    SENSOR = "sensor"
    BINARY_SENSOR = "binary_sensor"


@dataclass(frozen=True, slots=True)
class Entity:
    """One sensor. `key` is its key in the state, and with the device's node its unique id.

    Home Assistant's rules: with `options` (device class enum) neither unit nor state
    class; a device class allows certain units and state classes only; a binary sensor
    has a device class at most, its state is true or false.
    `attributes`: other keys of the state, shown as the entity's attributes.
    """

    key: str
    name: str
    platform: Platform = Platform.SENSOR
    device_class: str = ""
    state_class: str = ""
    unit: str = ""
    options: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    precision: int | None = None
    is_diagnostic: bool = False
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Device:
    """What Home Assistant shows as one device. `node`: letters, digits, `_` and `-` only.

    `entity_prefix` is what entity ids begin with, empty for the node.
    """

    node: str
    name: str
    manufacturer: str
    model: str
    sw_version: str
    entity_prefix: str = ""


def config_topic(prefix: str, device: Device) -> str:
    """Return the topic of the retained discovery message, under the discovery prefix."""
    return f"{prefix}/device/{device.node}/config"


def config(
    device: Device,
    entities: Iterable[Entity],
    state_topic: str,
    availability: Iterable[str],
    version: str,
) -> dict[str, object]:
    """Return the discovery message, ready for JSON.

    The device is available while all `availability` topics say "online"; `version` is
    that of hems.
    """
    return {
        "device": {
            "identifiers": [device.node],
            "name": device.name,
            "manufacturer": device.manufacturer,
            "model": device.model,
            "sw_version": device.sw_version,
        },
        "origin": {"name": ORIGIN, "sw_version": version},
        "state_topic": state_topic,
        "availability": [{"topic": topic} for topic in availability],
        "availability_mode": "all",
        "components": {entity.key: _component(device, entity, state_topic) for entity in entities},
    }


def _component(device: Device, entity: Entity, state_topic: str) -> dict[str, object]:
    unique_id = f"{device.node}_{entity.key}"
    # Chosen here, so that dashboards know the entity ids.
    object_id = f"{device.entity_prefix or device.node}_{entity.key}".replace("-", "_")
    component: dict[str, object] = {
        "platform": entity.platform,
        "name": entity.name,
        "unique_id": unique_id,
        "object_id": object_id,
        "default_entity_id": f"{entity.platform}.{object_id}",  # what 2025.10 and newer ask for
        "value_template": _template(entity.key),
        "qos": QOS,
    }
    if entity.platform is Platform.BINARY_SENSOR:
        component |= {"payload_on": "True", "payload_off": "False"}  # as templates render them
    if entity.attributes:
        component["json_attributes_topic"] = state_topic
        component["json_attributes_template"] = _attributes_template(entity.attributes)
    if entity.precision is not None:
        component["suggested_display_precision"] = entity.precision
    if entity.is_diagnostic:
        component["entity_category"] = "diagnostic"
    if not entity.is_enabled:
        component["enabled_by_default"] = False
    return component | _classes(entity)


def _classes(entity: Entity) -> dict[str, object]:
    found = {
        "device_class": entity.device_class,
        "state_class": entity.state_class,
        "unit_of_measurement": entity.unit,
        "options": list(entity.options),
    }
    return {name: value for name, value in found.items() if value}


def _template(key: str) -> str:
    """Return a template that renders "None", Home Assistant's unknown, if the key is missing."""
    return f"{{{{ value_json.get('{key}') }}}}"


def _attributes_template(keys: Iterable[str]) -> str:
    pairs = ", ".join(f"'{key}': value_json.get('{key}')" for key in keys)
    return f"{{{{ {{{pairs}}} | to_json }}}}"
