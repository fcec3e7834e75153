"""What a session may ask of Home Assistant's statistics: the commands recorder/…."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from hems.clients.home_assistant.command_base import SessionCommands
from hems.clients.home_assistant.responses import Statistic, StatisticsRow
from hems.protocols.meters.plausible_energy import CountedEnergy


class RecorderCommands(SessionCommands):
    """A part of AdminSession; raises what it raises."""

    def sums(self) -> frozenset[str]:
        """Return the ids of the long-term statistics that are sums: mostly entity ids."""
        command = "recorder/list_statistic_ids"
        statistics = self._socket.command(tuple[Statistic, ...], command, statistic_type="sum")
        return frozenset(statistic.statistic_id for statistic in statistics)

    def counted_energy(
        self, entity_id: str, begin: float, period: str
    ) -> tuple[CountedEnergy, ...]:
        """Return what the statistics of an entity count since unix time `begin` (s), in Wh.

        `period` is "5minute", "hour" or "day".
        """
        return self.energy_of([entity_id], begin, None, period).get(entity_id, ())

    def energy_of(
        self, entity_ids: Collection[str], begin: float, end: float | None, period: str
    ) -> dict[str, tuple[CountedEnergy, ...]]:
        """Return what the statistics of entities count from `begin` on (unix s), in Wh, by entity.

        It is without the entities that have none. `end` is None for now.
        """
        if not entity_ids:  # Home Assistant would log an error
            return {}
        until = {} if end is None else {"end_time": datetime.fromtimestamp(end, UTC).isoformat()}
        statistics = self._socket.command(
            dict[str, tuple[StatisticsRow, ...]],
            "recorder/statistics_during_period",
            start_time=datetime.fromtimestamp(begin, UTC).isoformat(),
            statistic_ids=[*entity_ids],
            period=period,
            units={"energy": "Wh"},
            types=["change"],
            **until,
        )
        return {
            entity_id: tuple(CountedEnergy(row.start / 1000, row.change or 0.0) for row in rows)
            for entity_id, rows in statistics.items()
        }

    def correct_energy(self, entity_id: str, begin: float, wh: float) -> None:
        """Add energy (Wh) to an entity's statistics from the slot at unix time `begin` (s) on."""
        self._socket.command(
            object,
            "recorder/adjust_sum_statistics",
            statistic_id=entity_id,
            start_time=datetime.fromtimestamp(begin, UTC).isoformat(),
            adjustment=wh,
            adjustment_unit_of_measurement="Wh",
        )
