"""The peers that the settings name, as calls with a timeout."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from hems.clients.connectivity import is_portal, reach_icmp, reach_tcp
from hems.clients.http_status import http_status
from hems.settings import Settings
from hems.settings.watchdog import address
from hems.system.links import has_link
from hems.workers.led.peers import Peers


def peers(settings: Settings) -> Peers:
    """Return how Home Assistant, the watchdog and the internet are asked."""
    own, watchdog = settings.led, settings.watchdog
    targets = (address(f"tcp://{target}", "tcp") for target in watchdog.tcp_targets)
    return Peers(
        http_status=partial(http_status, own.home_assistant_url, own.probe_timeout_s),
        ping=partial(reach_icmp, own.home_assistant_host, own.probe_timeout_s),
        read_watchdog=Path(watchdog.state_file).read_bytes,
        pages=[partial(is_portal, url, own.probe_timeout_s) for url in watchdog.http_urls],
        connections=[partial(reach_tcp, *one, own.probe_timeout_s) for one in targets if one],
        has_link=has_link,
    )
