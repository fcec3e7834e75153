"""telemetry: the gateway itself as a device in Home Assistant."""

from __future__ import annotations

import asyncio

import msgspec

from hems import __version__
from hems.clients.mqtt import MqttPublisher
from hems.protocols import gateway_entities
from hems.runtime import Context, together
from hems.settings import Settings
from hems.workers.telemetry.figures import Figures, status
from hems.workers.telemetry.publication import Publication
from hems.workers.telemetry.sources import Observer, Sources

LOOK_S = 2.0  # how soon a change of somebody's health is seen


class Telemetry:
    """The worker. `identity` is this gateway's own, for good; `beat_s` as the supervisor wants."""

    name = "telemetry"

    def __init__(
        self,
        settings: Settings,
        sources: Sources,
        identity: str,
        os_version: str,
        beat_s: float | None,
    ) -> None:
        self._settings = settings
        self._observer = Observer(sources, os_version)
        self._device = gateway_entities.device(identity, __version__)
        self._look_s = min(LOOK_S, beat_s or LOOK_S)

    def run(self, ctx: Context) -> None:
        """Publish until told to stop. Raises Unavailable without a login at the broker."""
        asyncio.run(self._publish(ctx))

    async def _publish(self, ctx: Context) -> None:
        mqtt = self._settings.mqtt
        publisher = MqttPublisher(mqtt, *self._settings.secrets.mqtt_login(), self.name)
        period_s = self._settings.telemetry.period_s
        publication = Publication(mqtt, publisher, self._observer, self._device, period_s)

        async def looks() -> None:
            while True:
                publication.look(ctx.clock.monotonic())
                self._tell(ctx, publisher, publication)
                ctx.notify.alive()
                await asyncio.sleep(self._look_s)

        await together(ctx, publisher.run(), looks())

    def _tell(self, ctx: Context, publisher: MqttPublisher, publication: Publication) -> None:
        told = Figures(publication.count, publisher.connection, self._observer.unread)
        ctx.notify.state(msgspec.structs.asdict(told))
        ctx.notify.status(status(told))
