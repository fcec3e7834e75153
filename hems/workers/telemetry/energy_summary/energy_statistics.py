"""Read the energy of the home's meters from Home Assistant's statistics, a little at a time.

Home Assistant makes a slot of statistics every five minutes, and an hour of twelve slots. So the
hours of the month are read once an hour, and the slots since the last hour every five minutes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import tzinfo

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.meters.plausible_energy import SLOT_S, CountedEnergy
from hems.protocols.tariffs.energy_time_series import HOUR_S, EnergySeries
from hems.protocols.tariffs.local_periods import Period, home_periods

SETTLED_S = 30.0  # after which a slot or an hour is in the statistics
EARLIER_S = 86400.0  # before the month: what was counted then shows that the meter existed
MOST_PARTS_S = 6 * HOUR_S
SLOTS = int(HOUR_S / SLOT_S)
Counted = Mapping[str, tuple[CountedEnergy, ...]]


class EnergyStatistics:
    """The newest statistics. A change of the entities, or of the hour, reads everything again."""

    def __init__(self) -> None:
        self._basis: object = None
        self._slot: object = None
        self._hours: Counted = {}
        self._parts: Counted = {}
        self._past_parts: dict[float, Counted] = {}  # by the hour's begin
        self._series: dict[str, EnergySeries] = {}

    def read(
        self, session: AdminSession, entity_ids: Collection[str], now: float, zone: tzinfo
    ) -> None:
        """Read what is new at unix time `now` (s). Raises HemsError."""
        settled = now - SETTLED_S
        basis = (frozenset(entity_ids), settled // HOUR_S)
        if basis != self._basis:
            self._basis = self._slot = None
            self._read_hours(session, entity_ids, settled, zone)
            self._basis = basis
        if self._slot != settled // SLOT_S:
            newest = (rows[-1].begin + HOUR_S for rows in self._hours.values() if rows)
            hour = settled // HOUR_S * HOUR_S
            begin = max(hour - MOST_PARTS_S, min(hour, max(newest, default=hour)))
            self._parts = session.energy_of(entity_ids, begin, None, "5minute")
            self._slot = settled // SLOT_S
            self._series.clear()

    def series(self, entity_id: str) -> EnergySeries:
        """Return what an entity has counted, up to now."""
        if entity_id not in self._series:
            hours, parts = self._hours.get(entity_id, ()), self._parts.get(entity_id, ())
            self._series[entity_id] = EnergySeries(hours, parts)
        return self._series[entity_id]

    def series_by_now(self, entity_id: str) -> EnergySeries:
        """Return what an entity had counted until this time yesterday and a week ago.

        Of an hour whose slots are gone, or were never made, each twelfth counts alike.
        """
        hours = self._hours.get(entity_id, ())
        past = [row for parts in self._past_parts.values() for row in parts.get(entity_id, ())]
        gone = self._past_parts.keys() - {row.begin // HOUR_S * HOUR_S for row in past}
        for hour in hours:
            if hour.begin in gone:
                past += [
                    CountedEnergy(hour.begin + number * SLOT_S, hour.wh / SLOTS)
                    for number in range(SLOTS)
                ]
        return EnergySeries(hours, past)

    def _read_hours(
        self, session: AdminSession, entity_ids: Collection[str], now: float, zone: tzinfo
    ) -> None:
        periods = home_periods(now, zone)
        first = min(periods.month.begin, periods.last_week_by_now.begin) - EARLIER_S
        self._hours = session.energy_of(entity_ids, first, None, "hour")
        self._past_parts = {
            hour: session.energy_of(entity_ids, hour, hour + HOUR_S, "5minute")
            for hour in (_hour(periods.yesterday_by_now), _hour(periods.last_week_by_now))
        }


def _hour(period: Period) -> float:
    """Return when the hour begins in which the period ends."""
    return period.end // HOUR_S * HOUR_S
