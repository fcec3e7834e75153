"""Combine the newest errors and probes into what the lamps show; log and publish it."""

from __future__ import annotations

import msgspec
from loguru import logger

from hems.worker_outage_log import Outage
from hems.worker_runtime import Notifier
from hems.workers.led.home_assistant_errors import RecentErrors
from hems.workers.led.led_meaning import displays
from hems.workers.led.led_metrics import LABELS, metrics, status
from hems.workers.led.status_probes import BackgroundProbing


class StatusView:
    """What each lamp shows, from `errors` and `probing`."""

    def __init__(self, errors: RecentErrors, probing: BackgroundProbing) -> None:
        self._errors = errors
        self._probing = probing
        self._watchdog = Outage("watchdog")
        self.displays = displays(None, "")

    def update(self, now: float) -> bool:
        """Update it at monotonic `now` (s); return whether the log has more to read."""
        has_more = self._errors.read(now)
        self._probing.advance(now)
        peers = self._probing.newest
        if peers is not None and peers.watchdog_away:
            self._watchdog.begin(peers.watchdog_away, now)
        elif peers is not None:
            self._watchdog.end(now)
        before, self.displays = self.displays, displays(peers, self._errors.recent_logger(now))
        for lamp, display in self.displays.items():
            if display != before[lamp]:
                logger.info("{}: {} ({})", LABELS[lamp], display.meaning, display.pattern.name)
        return has_more

    def publish(self, notify: Notifier, now: float) -> None:
        """Publish it at monotonic `now` (s); report alive unless a probe hangs."""
        current = metrics(self.displays, self._errors, self._watchdog.reason, now)
        notify.status(status(current))
        notify.metrics(msgspec.to_builtins(current))
        if not self._probing.is_stuck(now):
            notify.alive()
