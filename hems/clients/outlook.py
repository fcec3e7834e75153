"""How far this machine can see: the probes' evidence in one of four states.

What proves a way there and back comes first and is enough. A captive portal outranks what is
left, because it may let a TCP connection or a ping pass. However many probes there are, a look
is bounded by time: what has no name to resolve still has its turn after what hangs in one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from hems.clients import connectivity
from hems.errors import HemsError
from hems.protocols.watchdog_state import Internet


@dataclass(frozen=True)
class Probe:
    """One way to ask. `ask` returns what it has found, or raises HemsError when nothing."""

    name: str
    ask: Callable[[], Internet]


@dataclass(frozen=True)
class Outlook:
    """What was found, and why not more."""

    internet: Internet
    reason: str


def proofs(urls: Sequence[str], timeout_s: float) -> list[Probe]:
    """Return what asks pages that answer 204, at `urls` (http://)."""
    return [Probe(url, partial(_page, url, timeout_s)) for url in urls]


def hints(tcp: Sequence[str], icmp: Sequence[str], timeout_s: float) -> list[Probe]:
    """Return what connects to `tcp` ("host:port") and pings `icmp` (IP addresses)."""
    connections = [Probe(one, partial(_connection, one, timeout_s)) for one in tcp]
    return connections + [Probe(one, partial(_echo, one, timeout_s)) for one in icmp]


def look(
    proofs: Sequence[Probe],
    hints: Sequence[Probe],
    has_link: Callable[[], bool],
    ask_s: float,
    monotonic: Callable[[], float],
) -> Outlook:
    """Ask `proofs` until one says ONLINE, then `hints` unless there is a portal.

    Each of the two for `ask_s` seconds; the last one that is asked takes its own time.
    """
    failures: list[str] = []
    found = _first(proofs, failures, ask_s, monotonic)
    if found is None:
        found = _first(hints, failures, ask_s, monotonic)
    if found is None:
        found = _without_internet(has_link, failures)
    return Outlook(found, "; ".join(failures))


def _first(
    probes: Sequence[Probe], failures: list[str], ask_s: float, monotonic: Callable[[], float]
) -> Internet | None:
    """Return ONLINE as soon as one probe finds it, else PORTAL if one did, else None."""
    best = None
    end = monotonic() + ask_s
    for number, probe in enumerate(probes):
        if monotonic() >= end:
            failures.append(f"{len(probes) - number} not asked for want of time")
            break
        try:
            found = probe.ask()
        except HemsError as error:
            failures.append(str(error))
            continue
        if found is Internet.ONLINE:
            return found
        failures.append(f"{probe.name}: {found.value}")
        best = found
    return best


def _without_internet(has_link: Callable[[], bool], failures: list[str]) -> Internet:
    try:
        return Internet.LAN_ONLY if has_link() else Internet.NO_LINK
    except HemsError as error:
        failures.append(str(error))
        return Internet.LAN_ONLY


def _page(url: str, timeout_s: float) -> Internet:
    return Internet.PORTAL if connectivity.is_portal(url, timeout_s) else Internet.ONLINE


def _connection(target: str, timeout_s: float) -> Internet:
    where = urlsplit(f"//{target}")
    connectivity.reach_tcp(where.hostname or "", where.port or 0, timeout_s)
    return Internet.ONLINE


def _echo(target: str, timeout_s: float) -> Internet:
    connectivity.reach_icmp(target, timeout_s)
    return Internet.ONLINE
