"""The kinds of meter that can be simulated: one table, for bin/meter and the desk.

bin/meter imports this before it enters the virtual environment: standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass

from dev.simulator.tariff_calendars import BASE, EJP, OFF_PEAK, TEMPO, TariffCalendar

SOLAR_W = 3200


@dataclass(frozen=True)
class MeterKind:
    """A meter and its contract. A HISTORIQUE meter sends no injection."""

    summary: str
    is_standard: bool
    calendar: TariffCalendar
    is_three_phase: bool = False
    solar_w: int = 0


CONTRACTS = {  # of a desk's home with panels: the kind of its meter
    "off-peak": "standard-off-peak-producer",
    "tempo": "standard-tempo-producer",
    "base": "standard-producer",
}
KINDS = {  # the meters of a desk take turns in this order
    "standard": MeterKind("STANDARD, peak and off-peak", True, OFF_PEAK),
    "historique": MeterKind("HISTORIQUE, peak and off-peak", False, OFF_PEAK),
    "standard-producer": MeterKind("STANDARD, with solar panels", True, BASE, solar_w=SOLAR_W),
    "historique-tempo": MeterKind("HISTORIQUE, Tempo", False, TEMPO),
    "standard-three-phase": MeterKind(
        "STANDARD, three phases, one of them idle", True, OFF_PEAK, is_three_phase=True
    ),
    "historique-three-phase": MeterKind(
        "HISTORIQUE, three phases, one of them idle", False, OFF_PEAK, is_three_phase=True
    ),
    "standard-tempo": MeterKind("STANDARD, Tempo", True, TEMPO),
    "historique-ejp": MeterKind("HISTORIQUE, EJP", False, EJP),
    "standard-ejp": MeterKind("STANDARD, mobile peaks (EJP)", True, EJP),
    "historique-base": MeterKind("HISTORIQUE, one tariff", False, BASE),
    "standard-base": MeterKind("STANDARD, one tariff", True, BASE),
    "standard-off-peak-producer": MeterKind(
        "STANDARD, peak and off-peak, with solar panels", True, OFF_PEAK, solar_w=SOLAR_W
    ),
    "standard-tempo-producer": MeterKind(
        "STANDARD, Tempo, with solar panels", True, TEMPO, solar_w=SOLAR_W
    ),
}
