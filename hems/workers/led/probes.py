"""The peers that the settings name, as calls with a timeout."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from hems.clients import outlook
from hems.clients.connectivity import reach_icmp
from hems.clients.http_status import http_status
from hems.settings import Settings
from hems.system.links import has_link
from hems.workers.led.peers import Peers

ASK_S = 8.0  # so that a look ends long before rounds.STUCK_S


def peers(settings: Settings) -> Peers:
    """Return how Home Assistant, the watchdog and the internet are asked."""
    own, watchdog = settings.led, settings.watchdog
    proofs = outlook.proofs(watchdog.http_urls, own.probe_timeout_s)
    hints = outlook.hints(watchdog.tcp_targets, watchdog.icmp_targets, own.probe_timeout_s)
    return Peers(
        http_status=partial(http_status, own.home_assistant_url, own.probe_timeout_s),
        ping=partial(reach_icmp, own.home_assistant_host, own.probe_timeout_s),
        read_watchdog=Path(watchdog.state_file).read_bytes,
        look_out=partial(outlook.look, proofs, hints, has_link, ASK_S),
    )
