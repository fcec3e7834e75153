"""Publish Home Assistant's discovery of the dongles, and read it again after a restart."""

from __future__ import annotations

from typing import Any

import msgspec

from hems import __version__
from hems.clients.mqtt.publisher import MqttPublisher
from hems.protocols.home_assistant import mqtt_discovery
from hems.protocols.home_assistant.mqtt_discovery import DiscoveryDevice
from hems.protocols.json_decoding import decode_json
from hems.settings.mqtt import MqttSettings
from hems.workers.eesmart_d2l.dongle import Dongle
from hems.workers.eesmart_d2l.linky_topics import LinkyTopics

ENCODE = msgspec.json.Encoder().encode


class RetainedDevice(msgspec.Struct, frozen=True):
    sw_version: str = ""


class RetainedDiscovery(msgspec.Struct, frozen=True):
    """What the worker needs of its own discovery message."""

    device: RetainedDevice
    components: dict[str, dict[str, Any]]


class LinkyDiscovery:
    """Publishes the discovery messages."""

    def __init__(self, mqtt: MqttSettings, publisher: MqttPublisher, language: str) -> None:
        self._topics = LinkyTopics(mqtt)
        self._publisher = publisher
        self._language = language

    def recall(self, dongle: Dongle, payload: bytes) -> None:
        """Take what was announced before a restart. Raises ProtocolError if it is malformed."""
        discovery = decode_json(payload, RetainedDiscovery, f"the discovery of {dongle.name}")
        dongle.firmware = discovery.device.sw_version
        entities = dongle.entities
        entities.remember(discovery.components)
        dongle.meter.phases.remember(is_three=entities.is_three_phase, has_imax=entities.has_imax)

    def publish(self, dongle: Dongle) -> None:
        """Publish the dongle's entities."""
        topics = self._topics
        device = DiscoveryDevice(
            node=f"d2l_{dongle.name}",
            name=f"Linky {dongle.name}",
            manufacturer="eeSmart",
            model="D2L",
            sw_version=dongle.firmware,
            language=self._language,
        )
        availability = self._publisher.availability_topic, topics.availability(dongle.name)
        entities, state = dongle.entities.discovery(), topics.state(dongle.name)
        config = mqtt_discovery.config(device, entities, state, availability, __version__)
        self._publisher.set(topics.config(dongle.name), ENCODE(config))
