"""When Home Assistant gets to see what: all retained; PREFIX and BASE are settings.

PREFIX/device/gateway_ID/config    which entities there are (protocols/gateway_entities.py)
BASE/gateway/state                 their states, one JSON object (protocols/gateway_state.py)
BASE/telemetry/availability        the worker's own, with a last will (clients/mqtt.py)
"""

from __future__ import annotations

import math
from typing import Protocol

import msgspec

from hems import __version__
from hems.protocols import gateway_entities, gateway_state, ha_discovery
from hems.protocols.ha_discovery import Device
from hems.settings import Mqtt
from hems.workers.telemetry.sources import WATCHDOG, Observer

ENCODE = msgspec.json.Encoder().encode


class Publisher(Protocol):
    availability_topic: str

    def set(self, topic: str, payload: bytes) -> None:
        """Make `payload` the retained message of `topic`; never waits."""


class Publication:
    """Publishes the state once a `period_s`, and as soon as anything's health changes."""

    def __init__(
        self, mqtt: Mqtt, publisher: Publisher, observer: Observer, device: Device, period_s: float
    ) -> None:
        self._mqtt = mqtt
        self._publisher = publisher
        self._observer = observer
        self._device = device
        self._period_s = period_s
        self._state_topic = f"{mqtt.base_topic}/gateway/state"
        self._units: dict[str, None] = {}  # a set that keeps its order
        self._told: gateway_state.State = {}
        self._due = -math.inf
        self.count = 0

    def look(self, now: float) -> None:
        """Look at everything at monotonic `now` (s), and publish what is due."""
        report, watchdog = self._observer.report(now), self._observer.watchdog(now)
        silence = self._observer.unread.get(WATCHDOG, "")
        health = gateway_state.health(report, watchdog, silence)
        if health == self._told and now < self._due:
            return
        # Home Assistant removes what a discovery lacks, so there is none before units are known.
        units = [unit.name for unit in report.units] if report else []
        if not self._units.keys() >= set(units):
            self._units |= dict.fromkeys(units)
            self._discover()
        machine = self._observer.machine(now)
        figures = gateway_state.figures(machine, report, watchdog, self._observer.unread, now)
        told = {**health, **figures, "version": __version__}
        self._publisher.set(self._state_topic, ENCODE(told))
        self._told, self._due = health, now + self._period_s
        self.count += 1

    def _discover(self) -> None:
        """Publish the entities; a unit that was there once stays."""
        entities = gateway_entities.entities(self._units)
        topics = (self._publisher.availability_topic,)
        config = ha_discovery.config(self._device, entities, self._state_topic, topics, __version__)
        topic = ha_discovery.config_topic(self._mqtt.discovery_prefix, self._device)
        self._publisher.set(topic, ENCODE(config))
