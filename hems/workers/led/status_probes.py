"""Probe Home Assistant, the watchdog and the internet in a background thread.

A ping, a TCP connection and an HTTP request wait for peers that may be slow or absent, and a name
waits for the resolver; the loop that drives the lamps must wait for nothing but time. One round of
probes runs at a time, and each probe has a timeout.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hems.clients.http import http_status
from hems.clients.internet import reachability
from hems.clients.internet.reachability import Reachability
from hems.clients.internet.reachability_probes import reach_icmp
from hems.errors import ProtocolError, Unavailable
from hems.protocols.gateway import unit_health_file, watchdog_report
from hems.settings import Settings
from hems.system import files
from hems.system.network.link_state import has_link
from hems.workers.led.led_meaning import HomeAssistantState, PeerStatus

PROBING_S = 8.0  # for the internet, so that a round ends long before STUCK_S
STUCK_S = 50.0  # more than a round takes when no peer answers

Monotonic = Callable[[], float]


@dataclass(frozen=True)
class StatusProbes:
    """How to probe each peer. Every call is bounded in time.

    `http_status` and `ping` are for Home Assistant and raise Unavailable; `read_watchdog` and
    `read_health` return the reports of the watchdog and of supervisord or raise Unavailable;
    `check_internet` is for when the watchdog is away.
    """

    http_status: Callable[[], int]
    ping: Callable[[], None]
    read_watchdog: Callable[[], bytes]
    read_health: Callable[[], bytes]
    check_internet: Callable[[Monotonic], Reachability]

    def run(self, monotonic: Monotonic) -> PeerStatus:
        """Probe every peer once. Takes as long as the timeouts allow."""
        home_assistant, problems = self._home_assistant(), self._problems(monotonic)
        try:
            report = watchdog_report.fresh(self.read_watchdog(), monotonic())
        except (Unavailable, ProtocolError) as error:
            internet = self.check_internet(monotonic).internet
            return PeerStatus(home_assistant, internet, problems, watchdog_away=str(error))
        return PeerStatus(home_assistant, report.internet, problems)

    def _problems(self, monotonic: Monotonic) -> tuple[str, ...] | None:
        """Return the titles of the gateway's problems, None while supervisord reports none."""
        try:
            report = unit_health_file.fresh(self.read_health(), monotonic())
        except (Unavailable, ProtocolError):
            return None
        return tuple(problem.title for problem in report.problems)

    def _home_assistant(self) -> HomeAssistantState:
        """Request a page; ping only if that fails, as an HTTP answer proves the host too."""
        try:
            if self.http_status() < 500:
                return HomeAssistantState.ANSWERS
        except (Unavailable, ProtocolError):
            pass
        try:
            self.ping()
        except Unavailable:
            return HomeAssistantState.GONE
        return HomeAssistantState.SILENT


def status_probes(settings: Settings) -> StatusProbes:
    """Return the probes of the peers that the settings name."""
    led, watchdog = settings.led, settings.watchdog
    proofs = reachability.proofs(watchdog.http_urls, led.probe_timeout_s)
    hints = reachability.hints(watchdog.tcp_targets, watchdog.icmp_targets, led.probe_timeout_s)
    return StatusProbes(
        http_status=partial(http_status, led.home_assistant_url, led.probe_timeout_s),
        ping=partial(reach_icmp, led.home_assistant_host, led.probe_timeout_s),
        read_watchdog=partial(files.read, Path(watchdog.state_file)),
        read_health=partial(files.read, Path(settings.telemetry.health_file)),
        check_internet=partial(reachability.run_probes, proofs, hints, has_link, PROBING_S),
    )


class BackgroundProbing:
    """Run `probe` every `interval_s` seconds on `background`; keep the newest result."""

    def __init__(
        self, probe: Callable[[], PeerStatus], interval_s: float, background: Executor
    ) -> None:
        self._probe = probe
        self._interval_s = interval_s
        self._background = background
        self._running: Future[PeerStatus] | None = None
        self._started_at = -math.inf
        self.newest: PeerStatus | None = None

    def advance(self, now: float) -> None:
        """Take the result of a finished round; start the next if it is due at monotonic `now` (s).

        Raises what the probe raised.
        """
        if self._running is not None and self._running.done():
            self.newest = self._running.result()
            self._running = None
        if self._running is None and now - self._started_at >= self._interval_s:
            self._started_at = now
            self._running = self._background.submit(self._probe)

    def is_stuck(self, now: float) -> bool:
        """Return whether the running round should have ended long before monotonic `now` (s)."""
        return self._running is not None and now - self._started_at > STUCK_S
