"""The MQTT topics of the dongles. All messages are retained.

PREFIX and BASE are settings, ID is the dongle's 12 digits.

PREFIX/device/d2l_ID/config        the entities (protocols/home_assistant/mqtt_discovery.py)
BASE/d2l/ID/state                  the newest reading, one JSON object
BASE/d2l/ID/availability           "online" while frames of the dongle arrive, else "offline"
BASE/eesmart-d2l/availability      the worker's own, with a last will (clients/mqtt/publisher.py)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hems.settings.mqtt import MqttSettings

ANY = "+"


@dataclass(frozen=True)
class LinkyTopics:
    """The topics of a dongle by its `name`, the 12 digits."""

    mqtt: MqttSettings

    def config(self, name: str) -> str:
        return f"{self.mqtt.discovery_prefix}/device/d2l_{name}/config"

    def state(self, name: str) -> str:
        return f"{self.mqtt.base_topic}/d2l/{name}/state"

    def availability(self, name: str) -> str:
        return f"{self.mqtt.base_topic}/d2l/{name}/availability"

    def own(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the filters for the messages of the dongles `names`, and for all other dongles."""
        configs = [self.config(name) for name in names]
        return (self.state(ANY), self.availability(ANY), *configs)

    def dongle_of(self, availability_topic: str) -> str | None:
        """Return the dongle whose availability this topic is, None if it is another topic."""
        pattern = re.escape(self.availability(ANY)).replace(re.escape(ANY), r"(\d{12})")
        match = re.fullmatch(pattern, availability_topic)
        return match and match[1]
