"""The energy and the SmartCORE dashboard: made once; whatever people make of them stays.

Home Assistant has them on its disk up to a minute later. So they are noted as made only when
they were seen for longer, and made again if a power cut came in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from loguru import logger

from hems.clients.homeassistant_session import Session
from hems.protocols import ha_dashboard, ha_energy
from hems.protocols.ha_registry import METER, Node, nodes
from hems.workers.provision.home_assistant.memory import Memory

SAVED_S = 120.0


@dataclass
class Sight:
    """For how long something has been seen in a row."""

    since: float | None = None  # monotonic seconds

    def is_safe(self, now: float) -> bool:
        """Note that it is seen at monotonic `now` (s); tell whether it is on disk by now."""
        self.since = now if self.since is None else self.since
        return now - self.since >= SAVED_S

    def lose(self) -> None:
        self.since = None


class Energy:
    """The energy dashboard, from the meters' totals as soon as there are statistics of them."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._sight = Sight()

    def settle(self, session: Session, now: float) -> None:
        """Fill it in if nobody has."""
        if self._memory.record.has_energy:
            return
        if session.has_energy_preferences():
            if self._sight.is_safe(now):
                self._memory.note(has_energy=True)
            return
        self._sight.lose()
        meters = nodes(session.entities(), METER)
        if meters and (preferences := ha_energy.preferences(meters, session.sums())):
            session.save_energy_preferences(preferences)
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
        if self._memory.record.has_dashboard:
            return
        path = ha_dashboard.PATH
        is_listed = path in session.dashboards()
        if is_listed and session.has_content(path):
            if self._sight.is_safe(now):
                self._memory.note(has_dashboard=True)
            return
        self._sight.lose()
        if content := self._content(session):
            if not is_listed:
                session.create_dashboard(path, ha_dashboard.TITLE, ha_dashboard.ICON)
            session.save_dashboard(path, content)
            logger.info("Home Assistant has a {} dashboard", ha_dashboard.TITLE)

    def _content(self, session: Session) -> dict[str, Any] | None:
        registry = session.entities()
        meters, gateways = nodes(registry, METER), nodes(registry, ha_dashboard.GATEWAY)
        before, self._devices = self._devices, (*meters, *gateways)
        is_complete = gateways and (meters or not self._has_meters)
        if not is_complete or before != self._devices:
            return None
        return ha_dashboard.dashboard(meters, gateways)
