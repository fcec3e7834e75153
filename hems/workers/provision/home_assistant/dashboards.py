"""The energy and the SmartCORE dashboard: ours until a person changes or removes them.

They follow the devices as long as Home Assistant returns exactly what we saved. It has them on
its disk up to a minute later. So they are noted as made only when they were seen for longer, and
made again if a power cut came in between. For the same reason what was there before counts as
ours beside what was saved last; that is noted before it is saved.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

import msgspec
from loguru import logger

from hems.clients.homeassistant_session import Session
from hems.protocols import ha_dashboard, ha_energy
from hems.protocols.ha_registry import METER, Node, nodes
from hems.workers.provision.home_assistant.memory import Memory
from hems.workers.provision.restarts import digest

SAVED_S = 120.0


def mark(content: object) -> str:
    """Return what tells this content from any other; the order of its keys is none."""
    return digest([msgspec.json.encode(content, order="sorted")])


def is_ours(found: object | None, marks: Container[str], *, was_made: bool) -> bool:
    """Tell whether `found`, None for nothing, is what no person had a hand in."""
    return not was_made if found is None else mark(found) in marks


@dataclass
class Sight:
    """For how long something has been seen in a row."""

    since: float | None = None  # monotonic seconds

    def is_safe(self, found: object | None, now: float) -> bool:
        """Note what is found at monotonic `now` (s); tell whether it is on disk by now."""
        if found is None:
            self.since = None
            return False
        self.since = now if self.since is None else self.since
        return now - self.since >= SAVED_S


class Energy:
    """The energy dashboard, from the meters' totals as soon as there are statistics of them."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._sight = Sight()

    def settle(self, session: Session, now: float) -> None:
        """Fill it in, with what there are statistics of by now."""
        found = session.energy_preferences()
        if self._sight.is_safe(found, now) and not self._memory.record.has_energy:
            self._memory.note(has_energy=True)
        record = self._memory.record
        if not is_ours(found, record.energy, was_made=record.has_energy):
            return
        meters = nodes(session.entities(), METER)
        wanted = ha_energy.preferences(meters, session.sums()) if meters else None
        if wanted and wanted != found:
            self._memory.note(energy=(mark(found), mark(wanted)))
            session.save_energy_preferences(wanted)
            logger.info("Home Assistant's energy dashboard is filled in")


class Dashboard:
    """The SmartCORE dashboard, once the gateway and a meter, if it has any, are known there."""

    def __init__(self, memory: Memory, *, has_meters: bool) -> None:
        self._memory = memory
        self._has_meters = has_meters
        self._sight = Sight()
        self._devices: tuple[Node, ...] = ()

    def settle(self, session: Session, now: float) -> None:
        """Make it when a look finds no other entities than the one before."""
        path = ha_dashboard.PATH
        is_listed = path in session.dashboards()
        found = session.content(path) if is_listed else None
        if self._sight.is_safe(found, now) and not self._memory.record.has_dashboard:
            self._memory.note(has_dashboard=True)
        record = self._memory.record
        if not is_ours(found, record.dashboard, was_made=record.has_dashboard):
            return
        wanted = self._content(session)
        if wanted and wanted != found:
            self._memory.note(dashboard=(mark(found), mark(wanted)))
            if not is_listed:
                session.create_dashboard(path, ha_dashboard.TITLE, ha_dashboard.ICON)
            session.save_dashboard(path, wanted)
            logger.info("Home Assistant has a {} dashboard", ha_dashboard.TITLE)

    def _content(self, session: Session) -> dict[str, Any] | None:
        registry = session.entities()
        meters, gateways = nodes(registry, METER), nodes(registry, ha_dashboard.GATEWAY)
        before, self._devices = self._devices, (*meters, *gateways)
        is_complete = gateways and (meters or not self._has_meters)
        if not is_complete or before != self._devices:
            return None
        return ha_dashboard.dashboard(meters, gateways)
