"""eesmart-d2l: receive Linky readings from eeSmart D2L dongles and publish them to MQTT."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import msgspec
from loguru import logger

from hems.clients.mqtt.publisher import MqttPublisher
from hems.clients.mqtt.retained_messages import Recall
from hems.settings import Settings
from hems.system import files
from hems.system.network.tcp_listener import listening_socket
from hems.worker_runtime import Context, run_until_stopped
from hems.workers.eesmart_d2l.d2l_metrics import metrics, status
from hems.workers.eesmart_d2l.d2l_server import D2lServer
from hems.workers.eesmart_d2l.dongle import Dongle
from hems.workers.eesmart_d2l.linky_publication import LinkyPublication
from hems.workers.eesmart_d2l.linky_topics import LinkyTopics
from hems.workers.eesmart_d2l.silent_meters import SilentMeters
from hems.workers.eesmart_d2l.trusted_clock import TrustedClock

MAX_BEAT_S = 10.0
REPORT_S = 1.0  # between two updates of metrics and status


class EesmartD2l:
    """The worker. It reports alive every `beat_s` (s); None if the supervisor wants no beat."""

    name = "eesmart-d2l"

    def __init__(self, settings: Settings, beat_s: float | None) -> None:
        self._settings = settings
        self._beat_s = min(MAX_BEAT_S, beat_s or MAX_BEAT_S)

    def run(self, ctx: Context) -> None:
        """Serve until stopped. Raises Unavailable without an MQTT login or a free port."""
        asyncio.run(self._serve(ctx))

    async def _serve(self, ctx: Context) -> None:
        settings, secrets = self._settings.eesmart_d2l, self._settings.secrets
        login = secrets.mqtt_login()
        listener = listening_socket(settings.host, settings.port)
        dongles = {
            device.id: Dongle(device, settings.max_frames_per_minute)
            for device in secrets.d2l_devices
        }
        clock = TrustedClock(ctx.clock, is_required=settings.require_synchronised_clock)
        mqtt = self._settings.mqtt
        publisher = MqttPublisher(mqtt, *login, self.name)
        publication = LinkyPublication(
            mqtt, publisher, clock, self._settings.home_assistant.language
        )
        server = D2lServer(settings, dongles, publication.publish, ctx.clock, clock)
        report_path = Path(self._settings.watchdog.state_file)
        started = ctx.clock.monotonic()
        silent = SilentMeters(
            settings.silent_after_s, started, partial(files.read, report_path), clock
        )

        def begin(retained: Mapping[str, bytes]) -> None:
            for refused in publication.begin(dongles.values(), retained):
                server.refused.add("while the broker was away", refused, ctx.clock.monotonic())
            silent.recall(
                [id_ for id_, one in dongles.items() if topics.state(one.name) in retained]
            )

        topics, names = LinkyTopics(mqtt), [dongle.name for dongle in dongles.values()]
        expected = frozenset(topics.state(name) for name in names)
        publication.wait()
        publisher.recall_first(Recall(topics.own(names), expected, begin))

        async def report() -> None:
            """Publish metrics, status and silent dongles for as long as this loop runs."""
            beaten = started
            while True:
                now = ctx.clock.monotonic()
                for dongle in dongles.values():
                    is_silent = now - (dongle.last_life_at or started) > settings.silent_after_s
                    if is_silent and not publication.is_waiting:
                        publication.publish_silence(dongle)
                    publication.forget_old_power(dongle, now)
                server.refused.flush(now)
                values = metrics(server, list(dongles.values()), publisher, now)
                ctx.notify.metrics(msgspec.structs.asdict(values))
                ctx.notify.status(status(values))
                refused = server.refused.of_strangers.problems(now)
                ctx.notify.problems([*silent.problems(dongles.values(), now), *refused])
                if now - beaten >= self._beat_s:
                    beaten = now
                    ctx.notify.alive()
                await asyncio.sleep(REPORT_S)

        self._log_settings()
        await run_until_stopped(ctx, publisher.run(), server.serve(listener), report())

    def _log_settings(self) -> None:
        settings, count = self._settings.eesmart_d2l, len(self._settings.secrets.d2l_devices)
        relay = f", relaying to {settings.upstream}" if settings.upstream else ""
        address = f"{settings.host} port {settings.port}"
        logger.info("listening on {}, {} dongles listed{}", address, count, relay)
        if not count:
            logger.warning("no dongle may connect: set D2L_DEVICES=id:key:iv")
