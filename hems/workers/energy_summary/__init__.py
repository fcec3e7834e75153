"""energy-summary: publish the home's power, energy and costs, from Home Assistant's data.

All messages are retained. PREFIX and BASE are settings, ID is the gateway's.

PREFIX/device/home_ID/config          the entities (protocols/gateway/home_entities.py)
BASE/home/state                       their states, one JSON object; empty while nothing is known
BASE/energy-summary/availability      the worker's own, with a last will
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from hems import __version__
from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.mqtt.publisher import MqttPublisher, connection_status
from hems.errors import HemsError, Unavailable
from hems.protocols.gateway import home_entities
from hems.protocols.gateway.home_entities import HomeParts
from hems.protocols.home_assistant import mqtt_discovery
from hems.protocols.home_assistant.mqtt_discovery import DiscoveryDevice, Entity
from hems.settings import Settings
from hems.settings.mqtt import MqttSettings
from hems.system.clock import time_zone
from hems.worker_outage_log import Outage
from hems.worker_runtime import Context, every, run_until_stopped
from hems.workers.energy_summary.home_numbers import HomeNumbers, State

ENCODE = msgspec.json.Encoder().encode
PEER = "Home Assistant"
NO_HOME_ASSISTANT = "no Home Assistant: set HEMS_HOME_ASSISTANT_HOST"
Open = Callable[[float], AdminSession]


class EnergySummaryMetrics(msgspec.Struct, frozen=True):
    """The metrics of energy-summary. `known` is how many values of the state are known."""

    rounds: int
    known: int
    mqtt: str  # "connected", or why the broker is away
    home_assistant: str  # why the newest round failed, empty if it did not


class EnergySummary:
    """The worker. `open_session` opens a session at monotonic seconds; None: nobody to ask.

    `identity` identifies this gateway for ever.
    """

    name = "energy-summary"

    def __init__(self, settings: Settings, open_session: Open | None, identity: str) -> None:
        self._settings = settings
        self._open = open_session
        self._numbers = HomeNumbers(settings.tariffs.contracts, time_zone)
        language = settings.home_assistant.language
        self._device = replace(home_entities.device(identity, __version__), language=language)
        self._outage = Outage(PEER)
        self._parts: HomeParts | None = None
        self._state: State = {}
        self._rounds = 0

    def run(self, ctx: Context) -> None:
        """Publish until the stop. Raises Unavailable without a login at the broker."""
        if self._open is not None:
            asyncio.run(self._publish(ctx, self._open))
            return
        ctx.notify.ready()
        ctx.notify.status(NO_HOME_ASSISTANT)
        for _ in every(self._settings.energy_summary.period_s, ctx):
            pass

    async def _publish(self, ctx: Context, open_session: Open) -> None:
        mqtt = self._settings.mqtt
        publisher = MqttPublisher(mqtt, *self._settings.secrets.mqtt_login(), self.name)

        async def rounds() -> None:
            while True:
                await asyncio.to_thread(self._read, ctx, open_session)
                self._set(publisher)
                self._report(ctx, publisher.connection)
                ctx.notify.alive()
                await asyncio.sleep(self._settings.energy_summary.period_s)

        await run_until_stopped(ctx, publisher.run(), rounds())

    def _read(self, ctx: Context, open_session: Open) -> None:
        """Read the numbers; none is known while Home Assistant does not answer."""
        now = ctx.clock.monotonic()

        def check() -> None:
            """Report alive between two slow answers. Raises Unavailable at the stop."""
            if ctx.stop.wait(0):
                raise Unavailable("the worker stops")
            ctx.notify.alive()

        try:
            with open_session(now) as session:
                parts, self._state = self._numbers.read(session, ctx.clock.time(), check)
        except HemsError as error:
            self._outage.begin(str(error), now)
            self._state = {}
        else:
            self._outage.end(now)
            self._parts = parts if self._parts is None else parts | self._parts
        self._rounds += 1

    def _set(self, publisher: MqttPublisher) -> None:
        """Publish what has changed."""
        currency = self._settings.home_assistant.currency
        entities = None if self._parts is None else home_entities.entities(self._parts, currency)
        topics = (publisher.availability_topic,)
        newest = messages(self._settings.mqtt, self._device, topics, entities, self._state)
        for topic, payload in newest.items():
            publisher.set_if_new(topic, payload)

    def _report(self, ctx: Context, connection: str) -> None:
        known = sum(value is not None for value in self._state.values())
        values = EnergySummaryMetrics(self._rounds, known, connection, self._outage.reason)
        ctx.notify.metrics(msgspec.structs.asdict(values))
        ctx.notify.status(status(values))


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


def status(metrics: EnergySummaryMetrics) -> str:
    """Return the metrics as one line for people."""
    peer = f"{PEER}: {metrics.home_assistant}" if metrics.home_assistant else f"{PEER} answers"
    return f"{connection_status(metrics.mqtt)}, {peer}, {metrics.known} values known"
