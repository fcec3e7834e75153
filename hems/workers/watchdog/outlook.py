"""How far this machine can see: the probes' evidence in one of four states.

What proves a way there and back comes first and is enough. A captive portal outranks what is
left, because it may let a TCP connection or a ping pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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


def look(proofs: Sequence[Probe], hints: Sequence[Probe], has_link: Callable[[], bool]) -> Outlook:
    """Ask `proofs` until one says ONLINE, then `hints` unless there is a portal."""
    failures: list[str] = []
    found = _first(proofs, failures)
    if found is None:
        found = _first(hints, failures)
    if found is None:
        found = _without_internet(has_link, failures)
    return Outlook(found, "; ".join(failures))


def _first(probes: Sequence[Probe], failures: list[str]) -> Internet | None:
    """Return ONLINE as soon as one probe finds it, else PORTAL if one did, else None."""
    best = None
    for probe in probes:
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
