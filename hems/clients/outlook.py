"""How far this machine can see: the probes' evidence in one of four states.

What proves a way there and back comes first and is enough. A captive portal outranks what is
left, because it may let a TCP connection or a ping pass. However many probes there are, a look
is bounded by time: what has no name to resolve still has its turn after what hangs in one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hems.errors import HemsError
from hems.protocols.watchdog_state import Internet

ASK_S = 30.0  # proofs, and then hints, are asked for so long; the last takes its own time


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


def look(
    proofs: Sequence[Probe],
    hints: Sequence[Probe],
    has_link: Callable[[], bool],
    monotonic: Callable[[], float],
) -> Outlook:
    """Ask `proofs` until one says ONLINE, then `hints` unless there is a portal."""
    failures: list[str] = []
    found = _first(proofs, failures, monotonic)
    if found is None:
        found = _first(hints, failures, monotonic)
    if found is None:
        found = _without_internet(has_link, failures)
    return Outlook(found, "; ".join(failures))


def _first(
    probes: Sequence[Probe], failures: list[str], monotonic: Callable[[], float]
) -> Internet | None:
    """Return ONLINE as soon as one probe finds it, else PORTAL if one did, else None."""
    best = None
    end = monotonic() + ASK_S
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
