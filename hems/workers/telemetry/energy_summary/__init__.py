"""Publish the home's power, energy and costs, from Home Assistant's data.

Both messages are retained. PREFIX and BASE are settings, ID is the gateway's.

PREFIX/device/home_ID/config    the entities (protocols/gateway/home_entities.py)
BASE/home/state                 their states, one JSON object; empty while nothing is known
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from hems import __version__
from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.mqtt.publisher import MqttPublisher
from hems.errors import HemsError, Unavailable
from hems.protocols.gateway import home_entities
from hems.protocols.gateway.home_entities import HomeParts
from hems.protocols.home_assistant import mqtt_discovery
from hems.protocols.home_assistant.mqtt_discovery import DiscoveryDevice, Entity
from hems.settings import Settings
from hems.settings.mqtt import MqttSettings
from hems.system.clock import time_zone
from hems.worker_outage_log import Outage
from hems.worker_runtime import Clock
from hems.workers.telemetry.energy_summary.home_numbers import HomeNumbers, State

ENCODE = msgspec.json.Encoder().encode
PEER = "Home Assistant"
Open = Callable[[float, Callable[[], None]], AdminSession]


class EnergySummary:
    """The numbers of the home, and the device "Home" that has them.

    `open_session` is that of RefreshTokenLogin; None: there is no Home Assistant, and nothing to
    do. `identity` identifies this gateway for ever.
    """

    def __init__(self, settings: Settings, open_session: Open | None, identity: str) -> None:
        self._settings = settings
        self._open = open_session
        self._numbers = HomeNumbers(settings.tariffs.contracts, time_zone)
        language = settings.home_assistant.language
        self._device = replace(home_entities.device(identity, __version__), language=language)
        self._outage = Outage(PEER)
        self._parts: HomeParts | None = None
        self._state: State = {}
        self._is_over = False

    @property
    def known(self) -> int:
        """Return how many values are known."""
        return sum(value is not None for value in self._state.values())

    @property
    def trouble(self) -> str:
        """Return why Home Assistant did not answer the last time, empty if it did."""
        return self._outage.reason

    async def rounds(self, clock: Clock, publisher: MqttPublisher) -> None:
        """Read and publish until cancelled; a slow Home Assistant holds up nothing else.

        A thread that reads then ends after the answer that it waits for.
        """
        if self._open is None:
            return
        try:
            while True:
                await self._read(clock, self._open)
                self._publish(publisher)
                await asyncio.sleep(self._settings.telemetry.home_period_s)
        finally:
            self._is_over = True

    async def _read(self, clock: Clock, open_session: Open) -> None:
        """Read the numbers; none is known while Home Assistant does not answer."""

        def read() -> tuple[HomeParts, State]:
            with open_session(clock.monotonic(), self._check) as session:
                return self._numbers.read(session, clock.time())

        try:
            parts, self._state = await asyncio.to_thread(read)
        except HemsError as error:
            self._outage.begin(str(error), clock.monotonic())
            self._state = {}
        else:
            self._outage.end(clock.monotonic())
            self._parts = parts if self._parts is None else parts | self._parts

    def _check(self) -> None:
        if self._is_over:
            raise Unavailable("telemetry ends")

    def _publish(self, publisher: MqttPublisher) -> None:
        """Publish what has changed."""
        currency = self._settings.home_assistant.currency
        entities = None if self._parts is None else home_entities.entities(self._parts, currency)
        topics = (publisher.availability_topic,)
        newest = messages(self._settings.mqtt, self._device, topics, entities, self._state)
        for topic, payload in newest.items():
            publisher.set_if_new(topic, payload)


def messages(
    mqtt: MqttSettings,
    device: DiscoveryDevice,
    availability: Sequence[str],
    entities: Sequence[Entity] | None,
    state: State,
) -> dict[str, bytes]:
    """Return topic → payload. `entities` is None before it is known what the home has.

    Home Assistant removes an entity that an announcement lacks, so there is none before.
    """
    state_topic = f"{mqtt.base_topic}/home/state"
    payloads: dict[str, bytes] = {}
    if entities is not None:
        config = mqtt_discovery.config(device, entities, state_topic, availability, __version__)
        payloads[mqtt_discovery.config_topic(mqtt.discovery_prefix, device)] = ENCODE(config)
    payloads[state_topic] = ENCODE(state)
    return payloads
