"""Find out how far this machine reaches: run probes and sum up their results as one state.

Proofs (a path to the internet and back) come first, and one of them is enough. A captive portal
outranks every hint, because it may let a TCP connection or a ping pass. The time for proofs and
the time for hints are both limited, however many there are: the hints, which need no name
resolution, still run after proofs that hang in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from hems.clients.internet import reachability_probes
from hems.errors import HemsError
from hems.protocols.gateway.watchdog_report import Internet


@dataclass(frozen=True)
class Probe:
    """One probe. `run` returns the state that it proves, or raises HemsError if it proves none."""

    name: str
    run: Callable[[], Internet]


@dataclass(frozen=True)
class Reachability:
    """The state of the internet, and the `reason` why it is not a better one."""

    internet: Internet
    reason: str


def proofs(urls: Sequence[str], timeout_s: float) -> list[Probe]:
    """Return a probe for each of `urls` (http://), pages that answer 204."""
    return [Probe(url, partial(_probe_page, url, timeout_s)) for url in urls]


def hints(tcp: Sequence[str], icmp: Sequence[str], timeout_s: float) -> list[Probe]:
    """Return probes that connect to `tcp` ("host:port") and ping `icmp` (IP addresses)."""
    connections = [Probe(target, partial(_probe_tcp, target, timeout_s)) for target in tcp]
    return connections + [Probe(target, partial(_probe_icmp, target, timeout_s)) for target in icmp]


def run_probes(
    proofs: Sequence[Probe],
    hints: Sequence[Probe],
    has_link: Callable[[], bool],
    limit_s: float,
    monotonic: Callable[[], float],
) -> Reachability:
    """Run `proofs` until one returns ONLINE, then `hints` unless a proof found a portal.

    No proof starts after `limit_s` seconds of proofs, no hint after `limit_s` seconds of hints.
    """
    failures: list[str] = []
    internet = _first(proofs, failures, limit_s, monotonic)
    if internet is None:
        internet = _first(hints, failures, limit_s, monotonic)
    if internet is None:
        internet = _without_internet(has_link, failures)
    return Reachability(internet, "; ".join(failures))


def _first(
    probes: Sequence[Probe], failures: list[str], limit_s: float, monotonic: Callable[[], float]
) -> Internet | None:
    """Return ONLINE as soon as one probe proves it, else PORTAL if one did, else None."""
    best = None
    end = monotonic() + limit_s
    for number, probe in enumerate(probes):
        if monotonic() >= end:
            failures.append(f"no time for {len(probes) - number} more probes")
            break
        try:
            internet = probe.run()
        except HemsError as error:
            failures.append(str(error))
            continue
        if internet is Internet.ONLINE:
            return internet
        failures.append(f"{probe.name}: {internet.value}")
        best = internet
    return best


def _without_internet(has_link: Callable[[], bool], failures: list[str]) -> Internet:
    try:
        return Internet.LAN_ONLY if has_link() else Internet.NO_LINK
    except HemsError as error:
        failures.append(str(error))
        return Internet.LAN_ONLY


def _probe_page(url: str, timeout_s: float) -> Internet:
    return Internet.PORTAL if reachability_probes.is_portal(url, timeout_s) else Internet.ONLINE


def _probe_tcp(target: str, timeout_s: float) -> Internet:
    address = urlsplit(f"//{target}")
    reachability_probes.reach_tcp(address.hostname or "", address.port or 0, timeout_s)
    return Internet.ONLINE


def _probe_icmp(target: str, timeout_s: float) -> Internet:
    reachability_probes.reach_icmp(target, timeout_s)
    return Internet.ONLINE
