"""Build the MQTT discovery message of a whole device for Home Assistant (2024.11 or newer).

One retained message on `PREFIX/device/NODE/config` describes the device and all its entities. Home
Assistant removes an entity when its component has a platform and nothing else; it keeps one that a
later message leaves out. All entities read one JSON object from one state topic; an entity whose
key is missing or null there is "unknown". The components inherit the shared options, except QoS. A
button has no state; what a person does with a button or a text is a command
(protocols/mqtt/user_commands.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hems.protocols.mqtt.user_commands import command_topic
from hems.protocols.translations import ENGLISH, translated

ORIGIN = "hems"
QOS = 1


class Platform(StrEnum):
    SENSOR = "sensor"
    BINARY_SENSOR = "binary_sensor"
    BUTTON = "button"
    TEXT = "text"


COMMANDING = {Platform.BUTTON, Platform.TEXT}


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity. `key` is its key in the state; the device's node and `key` are its unique id.

    `name` is in English; {subject} in it stands for `subject`. Home Assistant gets it in the
    language of the device.

    Home Assistant's rules: an entity with `options` (device class enum) has neither a unit nor a
    state class; a device class allows only certain units and state classes; a binary sensor has
    only a device class, and its state is true or false.
    `attributes` names the keys of the state that become the entity's attributes.
    `attributes_key` is the key of an object that has the attributes instead.
    `value_key` is the key of the value, if it is not `key`. What a person does with a button, or
    types into a text of at most `longest` characters, goes to `command_topic`; without one to that
    of the command `key`.
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
    value_key: str = ""
    subject: str = ""
    icon: str = ""
    command_topic: str = ""
    longest: int = 255
    attributes_key: str = ""


@dataclass(frozen=True, slots=True)
class RemovedEntity:
    """An entity that Home Assistant is to remove."""

    key: str
    platform: str


@dataclass(frozen=True, slots=True)
class DiscoveryDevice:
    """One device in Home Assistant. `node` may contain letters, digits, `_` and `-`.

    Entity ids begin with `entity_prefix`, or with the node if it is empty; they are the same in
    every `language`, which is that of the names. `command_base` is the base of the topics of
    commands.
    """

    node: str
    name: str
    manufacturer: str
    model: str
    sw_version: str
    entity_prefix: str = ""
    language: str = ENGLISH
    command_base: str = ""


def config_topic(prefix: str, device: DiscoveryDevice) -> str:
    """Return the topic of the retained discovery message; `prefix` is Home Assistant's."""
    return f"{prefix}/device/{device.node}/config"


def config(
    device: DiscoveryDevice,
    entities: Iterable[Entity | RemovedEntity],
    state_topic: str,
    availability: Iterable[str],
    version: str,
) -> dict[str, object]:
    """Return the discovery message as an object for JSON.

    The device is available while all `availability` topics say "online"; `version` is the version
    of hems.
    """
    return {
        "device": {
            "identifiers": [device.node],
            "name": translated(device.name, device.language),
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


def _component(
    device: DiscoveryDevice, entity: Entity | RemovedEntity, state_topic: str
) -> dict[str, object]:
    if isinstance(entity, RemovedEntity):
        return {"platform": entity.platform}
    unique_id = f"{device.node}_{entity.key}"
    # Set here, because dashboards need to know the entity ids.
    object_id = f"{device.entity_prefix or device.node}_{entity.key}".replace("-", "_")
    component: dict[str, object] = {
        "platform": entity.platform,
        "name": translated(
            entity.name, device.language, translated(entity.subject, device.language)
        ),
        "unique_id": unique_id,
        "default_entity_id": f"{entity.platform}.{object_id}",
        "qos": QOS,
    }
    if entity.attributes or entity.attributes_key:
        component["json_attributes_topic"] = state_topic
        component["json_attributes_template"] = _attributes_template(entity)
    if entity.precision is not None:
        component["suggested_display_precision"] = entity.precision
    if entity.is_diagnostic:
        component["entity_category"] = "diagnostic"
    if not entity.is_enabled:
        component["enabled_by_default"] = False
    return component | _value(device, entity) | _classes(entity)


def _value(device: DiscoveryDevice, entity: Entity) -> dict[str, object]:
    """Return where the entity's value comes from, and where a person's commands go."""
    value: dict[str, object] = {}
    if entity.platform is not Platform.BUTTON:
        value["value_template"] = _template(entity.value_key or entity.key)
    if entity.platform in COMMANDING:
        own = command_topic(device.command_base, entity.key)
        value["command_topic"] = entity.command_topic or own
    if entity.platform is Platform.TEXT:
        # Unlike a sensor, a text has no word for "unknown".
        unknown = f"{{{{ value_json.get('{entity.value_key or entity.key}') or '' }}}}"
        value |= {"min": 0, "max": entity.longest, "value_template": unknown}
    if entity.platform is Platform.BINARY_SENSOR:
        value |= {"payload_on": "True", "payload_off": "False"}  # as a template renders a boolean
    return value


def _classes(entity: Entity) -> dict[str, object]:
    classes = {
        "icon": entity.icon,
        "device_class": entity.device_class,
        "state_class": entity.state_class,
        "unit_of_measurement": entity.unit,
        "options": list(entity.options),
    }
    return {name: value for name, value in classes.items() if value}


def _template(key: str) -> str:
    """Return a template that renders "None", which means unknown, if the key is missing."""
    return f"{{{{ value_json.get('{key}') }}}}"


def _attributes_template(entity: Entity) -> str:
    if entity.attributes_key:
        return f"{{{{ (value_json.get('{entity.attributes_key}') or {{}}) | to_json }}}}"
    pairs = ", ".join(f"'{key}': value_json.get('{key}')" for key in entity.attributes)
    return f"{{{{ {{{pairs}}} | to_json }}}}"
