"""telemetry: publish the gateway and the home to MQTT, as devices of Home Assistant."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from hems import __version__
from hems.clients.mqtt.publisher import MqttPublisher, connection_status
from hems.protocols.gateway import gateway_entities
from hems.protocols.gateway.reported_refusals import listed
from hems.protocols.mqtt import broker_topics_and_limits, user_commands
from hems.settings import Settings
from hems.system.datagram_receiver import Datagrams
from hems.system.user_command_file import CommandWriter
from hems.worker_runtime import Context, run_until_stopped
from hems.workers.telemetry.broker_limits import BrokerLimits
from hems.workers.telemetry.energy_summary import PEER, EnergySummary
from hems.workers.telemetry.gateway_publication import GatewayPublication
from hems.workers.telemetry.mqtt_container_report import BrokerReport
from hems.workers.telemetry.refused_page_logins import PageLogins
from hems.workers.telemetry.state_sources import StateReader
from hems.workers.telemetry.telemetry_problems import problems

MAX_CHECK_S = 2.0  # how soon a change of health is published


class TelemetryMetrics(msgspec.Struct, frozen=True):
    """The metrics of telemetry. `unread` has the name of each unread source, and the reason.

    `home_values` is how many numbers of the home are known.
    """

    published: int
    mqtt: str  # "connected", or why the broker is away
    unread: Mapping[str, str]
    refused_in_an_hour: Mapping[str, int]  # logins, by door
    home_values: int
    home_assistant: str  # why it did not answer the last time, empty if it did


class Telemetry:
    """The worker. `identity` identifies this gateway for ever.

    The worker reports alive at least every `beat_s` (s); None if the supervisor wants no beat.
    """

    name = "telemetry"

    def __init__(
        self,
        settings: Settings,
        reader: StateReader,
        home: EnergySummary,
        identity: str,
        beat_s: float | None,
    ) -> None:
        self._settings = settings
        self._reader = reader
        self._home = home
        device = gateway_entities.device(identity, __version__)
        self._device = replace(
            device,
            language=settings.home_assistant.language,
            command_base=settings.mqtt.base_topic,
        )
        self._check_s = min(MAX_CHECK_S, beat_s or MAX_CHECK_S)

    def run(self, ctx: Context) -> None:
        """Publish until stopped. Raises Unavailable without a login at the broker."""
        asyncio.run(self._publish(ctx))

    async def _publish(self, ctx: Context) -> None:
        mqtt = self._settings.mqtt
        publisher = MqttPublisher(mqtt, *self._settings.secrets.mqtt_login(), self.name)
        limits, broker, pages = BrokerLimits(), BrokerReport(), PageLogins()
        path = Path(self._settings.telemetry.commands_file)
        commands = CommandWriter(path, gateway_entities.COMMANDS)
        refusals = Datagrams(lambda datagram: pages.take(datagram, ctx.clock.monotonic()))
        publication = GatewayPublication(
            mqtt,
            publisher,
            self._reader,
            self._device,
            self._settings.telemetry.period_s,
        )

        def take(topic: str, payload: bytes) -> None:
            now = ctx.clock.monotonic()
            if topic == broker_topics_and_limits.REPORT:
                broker.take(payload, now)
            else:
                limits.take(topic, payload, now)

        def obey(topic: str, payload: bytes) -> None:
            commands.take(topic, payload, ctx.clock.monotonic())

        publisher.listen(broker_topics_and_limits.TOPICS, take)
        publisher.obey(user_commands.filter_of_all(mqtt.base_topic), obey)

        async def check() -> None:
            while True:
                now = ctx.clock.monotonic()
                refusals.listen()
                report = publication.check(now)
                is_undervolted = self._reader.is_undervolted(now)
                values = TelemetryMetrics(
                    publication.count,
                    publisher.connection,
                    self._reader.unread,
                    {**broker.refused(now), **pages.counts(now)},
                    self._home.known,
                    self._home.trouble,
                )
                ctx.notify.metrics(msgspec.structs.asdict(values))
                ctx.notify.status(status(values))
                if not publisher.is_connected:
                    limits.forget()
                    broker.forget()
                own = problems(report, self._reader.unread, is_undervolted=is_undervolted)
                ctx.notify.problems(
                    [*own, *limits.problems(now), *broker.problems(now), *pages.problems(now)]
                )
                ctx.notify.alive()
                await asyncio.sleep(self._check_s)

        home = self._home.rounds(ctx.clock, publisher)
        await run_until_stopped(ctx, publisher.run(), check(), home)


def status(metrics: TelemetryMetrics) -> str:
    """Return the metrics as one line for people."""
    parts = [connection_status(metrics.mqtt), f"{metrics.published} states published"]
    if metrics.unread:
        parts.append(f"not known: {', '.join(metrics.unread)}")
    if metrics.home_values:
        parts.append(f"{metrics.home_values} values of the home")
    if metrics.home_assistant:
        parts.append(f"{PEER}: {metrics.home_assistant}")
    if refused := listed(metrics.refused_in_an_hour):
        parts.append(refused)
    return ", ".join(parts)
