"""Publish the gateway's state to MQTT, with Home Assistant's discovery.

All messages are retained. PREFIX and BASE are settings, ID is the gateway's.

PREFIX/device/gateway_ID/config    the entities (protocols/gateway/gateway_entities.py)
BASE/gateway/state                 their states, one JSON object (entity_states.py)
BASE/telemetry/availability        the worker's own, with a last will (clients/mqtt/publisher.py)
"""

from __future__ import annotations

import math

import msgspec

from hems import __version__
from hems.clients.mqtt.publisher import MqttPublisher
from hems.protocols.gateway import entity_states, gateway_entities
from hems.protocols.gateway.unit_health_file import HealthReport
from hems.protocols.home_assistant import mqtt_discovery
from hems.protocols.home_assistant.mqtt_discovery import DiscoveryDevice
from hems.settings.mqtt import MqttSettings
from hems.workers.telemetry.state_sources import WATCHDOG, StateReader

ENCODE = msgspec.json.Encoder().encode


class GatewayPublication:
    """Publishes the state once in `period_s`, and as soon as the health of anything changes."""

    def __init__(
        self,
        mqtt: MqttSettings,
        publisher: MqttPublisher,
        reader: StateReader,
        device: DiscoveryDevice,
        period_s: float,
    ) -> None:
        self._mqtt = mqtt
        self._publisher = publisher
        self._reader = reader
        self._device = device
        self._period_s = period_s
        self._state_topic = f"{mqtt.base_topic}/gateway/state"
        self._units: dict[str, None] = {}  # a set that keeps its order
        self._health: entity_states.State = {}
        self._due_at = -math.inf  # monotonic seconds
        self.count = 0

    def check(self, now: float) -> HealthReport | None:
        """Publish the state if it is due at monotonic `now` (s); return the health of all units."""
        report, watchdog = self._reader.report(now), self._reader.watchdog(now)
        silence = self._reader.unread.get(WATCHDOG, "")
        health = entity_states.health(report, watchdog, silence)
        if health == self._health and now < self._due_at:
            return report
        # Home Assistant removes entities that a discovery lacks: publish none before the units.
        units = [unit.name for unit in report.units] if report else []
        if not self._units.keys() >= set(units):
            self._units |= dict.fromkeys(units)
            self._discover()
        machine, unread = self._reader.machine(now), self._reader.unread
        values = entity_states.measurements(machine, report, watchdog, unread, now)
        state = {**health, **values, "version": __version__}
        self._publisher.set(self._state_topic, ENCODE(state))
        self._health, self._due_at = health, now + self._period_s
        self.count += 1
        return report

    def _discover(self) -> None:
        """Publish the entities; those of a unit that existed once stay."""
        entities = gateway_entities.entities(self._units)
        availability = (self._publisher.availability_topic,)
        config = mqtt_discovery.config(
            self._device, entities, self._state_topic, availability, __version__
        )
        topic = mqtt_discovery.config_topic(self._mqtt.discovery_prefix, self._device)
        self._publisher.set(topic, ENCODE(config))
