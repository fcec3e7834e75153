"""eesmart-d2l: Linky readings from eeSmart D2L dongles in, MQTT for Home Assistant out."""

from __future__ import annotations

import asyncio

import msgspec
from loguru import logger

from hems.clients.mqtt import MqttPublisher
from hems.runtime import Context, together
from hems.settings import Settings
from hems.system.sockets import listening_socket
from hems.workers.eesmart_d2l.device import Device
from hems.workers.eesmart_d2l.figures import figures, status
from hems.workers.eesmart_d2l.publication import Publication
from hems.workers.eesmart_d2l.server import D2lServer
from hems.workers.eesmart_d2l.wall_clock import WallClock

MAX_BEAT_S = 10.0
LOOK_S = 1.0  # how soon a change shows in the status line


class EesmartD2l:
    """The worker. `beat_s` is how often the supervisor wants to hear of it, None for never."""

    name = "eesmart-d2l"

    def __init__(self, settings: Settings, beat_s: float | None) -> None:
        self._settings = settings
        self._beat_s = min(MAX_BEAT_S, beat_s or MAX_BEAT_S)

    def run(self, ctx: Context) -> None:
        """Serve until told to stop. Raises Unavailable: no login yet, or the port is taken."""
        asyncio.run(self._serve(ctx))

    async def _serve(self, ctx: Context) -> None:
        own, secrets = self._settings.eesmart_d2l, self._settings.secrets
        login = secrets.mqtt_login()
        listener = listening_socket(own.host, own.port)
        devices = {one.id: Device(one, own.max_frames_per_minute) for one in secrets.d2l_devices}
        wall_clock = WallClock(ctx.clock, is_required=own.require_synchronised_clock)
        mqtt = self._settings.mqtt
        publisher = MqttPublisher(mqtt, *login, self.name)
        publication = Publication(mqtt, publisher, publisher.availability_topic, wall_clock)
        server = D2lServer(own, devices, publication.take, ctx.clock, wall_clock)

        async def beat() -> None:
            """Tell the supervisor, for as long as this loop turns, how things are."""
            started = beaten = ctx.clock.monotonic()
            while True:
                now = ctx.clock.monotonic()
                for device in devices.values():
                    if now - (device.last_frame_at or started) > own.silent_after_s:
                        publication.report_silence(device)
                told = figures(server, list(devices.values()), publisher, now)
                ctx.notify.state(msgspec.structs.asdict(told))
                ctx.notify.status(status(told))
                if now - beaten >= self._beat_s:
                    beaten = now
                    ctx.notify.alive()
                await asyncio.sleep(LOOK_S)

        self._introduce()
        await together(ctx, publisher.run(), server.serve(listener), beat())

    def _introduce(self) -> None:
        own, count = self._settings.eesmart_d2l, len(self._settings.secrets.d2l_devices)
        relay = f", relaying to {own.upstream}" if own.upstream else ""
        logger.info(
            "listening on {} port {}, {} dongles listed{}", own.host, own.port, count, relay
        )
        if not count:
            logger.warning("no dongle may connect: set D2L_DEVICES=id:key:iv")
