"""The probes that the settings ask for, as calls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hems.clients import connectivity
from hems.errors import Unavailable
from hems.protocols.watchdog_state import Internet
from hems.settings.watchdog import Watchdog, address
from hems.system.links import has_link
from hems.workers.watchdog.checks import Supervisor
from hems.workers.watchdog.outlook import Outlook, Probe, look


def internet(
    settings: Watchdog, supervisor: Supervisor | None, monotonic: Callable[[], float]
) -> Callable[[], Outlook]:
    """Return what looks at the internet: the cheapest proof first."""
    timeout_s = settings.probe_timeout_s
    proofs = [Probe(url, partial(_page, url, timeout_s)) for url in settings.http_urls]
    if supervisor is not None:
        proofs.insert(0, Probe("VPN", partial(_vpn, supervisor)))
    targets = [(one, address(f"tcp://{one}", "tcp")) for one in settings.tcp_targets]
    hints = [Probe(one, partial(_tcp, *where, timeout_s)) for one, where in targets if where]
    hints += [Probe(one, partial(_icmp, one, timeout_s)) for one in settings.icmp_targets]
    return partial(look, proofs, hints, has_link, monotonic)


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


def _page(url: str, timeout_s: float) -> Internet:
    return Internet.PORTAL if connectivity.is_portal(url, timeout_s) else Internet.ONLINE


def _tcp(host: str, port: int, timeout_s: float) -> Internet:
    connectivity.reach_tcp(host, port, timeout_s)
    return Internet.ONLINE


def _icmp(target: str, timeout_s: float) -> Internet:
    connectivity.reach_icmp(target, timeout_s)
    return Internet.ONLINE
