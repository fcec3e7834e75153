"""Read the colours of the Tempo season from the statistics of the registers.

That is once a day, and when the meter has said which registers are Tempo's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, tzinfo

from hems.clients.home_assistant.admin_session import AdminSession
from hems.protocols.linky.packed_values import TempoColour
from hems.protocols.tariffs import tempo_days_left
from hems.protocols.tariffs.local_periods import local_day, midnight
from hems.protocols.tariffs.register_aliases import TEMPO
from hems.workers.telemetry.energy_summary.home_snapshot import HomeView

BEGINS = 6  # o'clock: a day's colour counts until the same time of the next day
PEAK_REGISTERS = {  # of HISTORIQUE; those of STANDARD have the same names in the contract
    "BBRHPJB": TempoColour.BLUE,
    "BBRHPJW": TempoColour.WHITE,
    "BBRHPJR": TempoColour.RED,
}
NUMBERED = {f"EASF{TEMPO.index(label) + 1:02}": label for label in PEAK_REGISTERS}


class TempoSeason:
    """The energy of the peak hours of each day before today, by colour."""

    def __init__(self) -> None:
        self._basis: object = None
        self._energy: dict[TempoColour, dict[date, float]] = {}

    def days_left(
        self, session: AdminSession, view: HomeView, now: float, zone: tzinfo
    ) -> dict[TempoColour, int] | None:
        """Return the days that are left at unix time `now` (s), None if that is not known."""
        if not view.has_tempo:
            return None
        here = datetime.fromtimestamp(now, zone)
        today = here.date()
        registers = dict(_registers(view))
        if self._basis != (today, registers):
            self._energy = _energy(session, registers, today, zone)
            self._basis = today, registers
        colour = view.tempo_today if here.hour >= BEGINS else None
        return tempo_days_left.days_left(self._energy, today, colour)


def _registers(view: HomeView) -> Iterator[tuple[str, TempoColour]]:
    """Yield the entity and colour of each register that counts peak hours of Tempo."""
    for linky in view.linkys:
        for label, entity_id, named in linky.registers:
            name = NUMBERED.get(label)
            if label in PEAK_REGISTERS:
                yield entity_id, PEAK_REGISTERS[label]
            elif name in named.names:
                yield entity_id, PEAK_REGISTERS[name]


def _energy(
    session: AdminSession, colours: dict[str, TempoColour], today: date, zone: tzinfo
) -> dict[TempoColour, dict[date, float]]:
    begin, _ = tempo_days_left.season(today)
    counted = session.energy_of([*colours], midnight(begin, zone), midnight(today, zone), "day")
    energy: dict[TempoColour, dict[date, float]] = {}
    for entity_id, rows in counted.items():
        of_day = energy.setdefault(colours[entity_id], {})
        for row in rows:
            day = local_day(row.begin, zone)
            of_day[day] = of_day.get(day, 0.0) + row.wh
    return energy
