"""The probes that the settings ask for, as calls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hems.clients import connectivity, outlook
from hems.clients.outlook import Outlook, Probe
from hems.errors import Unavailable
from hems.protocols.watchdog_state import Internet
from hems.settings.watchdog import Watchdog, address
from hems.system.links import has_link
from hems.workers.watchdog.checks import Supervisor

ASK_S = 20.0  # a look, and a reboot after it, end within stopwaitsecs (etc/supervisord.conf)


def internet(
    settings: Watchdog, supervisor: Supervisor | None, monotonic: Callable[[], float]
) -> Callable[[], Outlook]:
    """Return what looks at the internet: the cheapest proof first."""
    timeout_s = settings.probe_timeout_s
    proofs = outlook.proofs(settings.http_urls, timeout_s)
    if supervisor is not None:
        proofs.insert(0, Probe("VPN", partial(_vpn, supervisor)))
    hints = outlook.hints(settings.tcp_targets, settings.icmp_targets, timeout_s)
    return partial(outlook.look, proofs, hints, has_link, ASK_S, monotonic)


def service(url: str, timeout_s: float) -> Callable[[], None]:
    """Return what asks one service; `url` is an http:// or a tcp:// one."""
    where = address(url, "tcp")
    if where is None:
        return partial(connectivity.reach_http, url, timeout_s)
    return partial(connectivity.reach_tcp, *where, timeout_s)


def _vpn(supervisor: Supervisor) -> Internet:
    if not supervisor.is_vpn_connected():
        raise Unavailable("the VPN is not connected")
    return Internet.ONLINE
