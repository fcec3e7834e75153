"""Set up the energy dashboard, until a person changes or removes it (dashboard_ownership.py)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.home_assistant import energy_dashboard
from hems.workers.provision.home_assistant.dashboard_ownership import (
    Presence,
    content_digest,
    is_ours,
)
from hems.workers.provision.home_assistant.grid_sources import GridSourceChoice
from hems.workers.provision.home_assistant.meters_and_role_labels import MeterRegister
from hems.workers.provision.home_assistant.setup_record import SetupRecordFile

SPOILT_ENERGY = ".storage/energy.corrupt.*"


class EnergyDashboard:
    """The energy dashboard, made of the meters' totals once those have statistics."""

    def __init__(
        self,
        record: SetupRecordFile,
        register: MeterRegister,
        sources: GridSourceChoice,
        folder: Path | None,
        time: Callable[[], float],
    ) -> None:
        """`folder` is Home Assistant's configuration, None if provision cannot see it.

        `time` returns unix seconds.
        """
        self._record = record
        self._sources = sources
        self._time = time
        self._register = register
        self._folder = folder
        self._presence = Presence()
        self.sources: frozenset[str] = frozenset()  # their types, and "device" if it has devices

    def set_up(self, session: AdminSession, now: float) -> None:
        """Add all meters that have statistics at monotonic `now` (s)."""
        content = session.energy_preferences()
        if self._presence.is_on_disk(content, now) and not self._record.record.has_energy:
            self._record.update(has_energy=True)
        self._note_spoilt(is_gone=content is None)
        self.sources = energy_dashboard.source_types(content)
        record = self._record.record
        migrated = energy_dashboard.as_saved_before_2026(content)
        if not is_ours(content, record.energy, was_made=record.has_energy) and not (
            migrated and is_ours(migrated, record.energy, was_made=True)
        ):
            return
        wanted = self._register.meters and self._wanted(session, content)
        if wanted and wanted != content:
            self._record.update(energy=(content_digest(content), content_digest(wanted)))
            session.save_energy_preferences(wanted)
            logger.info("set up Home Assistant's energy dashboard")

    def _wanted(self, session: AdminSession, content: object) -> dict[str, Any] | None:
        home, sums = self._register.home, session.sums()
        before = energy_dashboard.saved_grid(content)
        grid = self._sources.choose(session, home, sums, before, self._time())
        return energy_dashboard.preferences(home.meters, home.roles, grid, sums)

    def _note_spoilt(self, *, is_gone: bool) -> None:
        """Let the dashboard be made again if it is gone because its file was damaged.

        Home Assistant leaves a copy, which tells that from a removal by a person. A copy counts
        once: a dashboard that exists beside it was made after it.
        """
        copies = self._folder.glob(SPOILT_ENERGY) if self._folder else ()
        newest = max((copy.name for copy in copies), default="")
        record = self._record.record
        if newest and newest != record.spoilt_energy:
            has_energy = record.has_energy and not is_gone
            self._record.update(has_energy=has_energy, spoilt_energy=newest)
