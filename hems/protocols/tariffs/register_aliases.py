"""The names under which a contract may list the registers of a meter.

A register of a Linky has its label, the short name of its period (PTEC, in HISTORIQUE), its number
and the supplier's name of it (LTARF, in STANDARD). The supplier's names are known once a register
has counted; those of the common calendars are known at once. A P1 meter has T1 and T2.
Source: Enedis-NOI-CPT_54E, sections 6.1.1 and 6.2.3.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from hems.protocols.linky.labels import SUPPLIER_INDEXES
from hems.protocols.tariffs.contract import plain_name

PERIODS = {  # PTEC of each register of HISTORIQUE
    "BASE": "TH..",
    "HCHC": "HC..",
    "HCHP": "HP..",
    "EJPHN": "HN..",
    "EJPHPM": "PM..",
    "BBRHCJB": "HCJB",
    "BBRHPJB": "HPJB",
    "BBRHCJW": "HCJW",
    "BBRHPJW": "HPJW",
    "BBRHCJR": "HCJR",
    "BBRHPJR": "HPJR",
}
CODES = {*PERIODS, *PERIODS.values()}
FRENCH = {
    "BASE": ("Base",),
    "HCHC": ("Heures creuses",),
    "HCHP": ("Heures pleines",),
    "EJPHN": ("Heures normales",),
    "EJPHPM": ("Pointe mobile", "Heures de pointe mobile"),
    **{
        f"BBRH{hours}J{letter}": (f"H{hours} {colour}", f"H{hours} {adjective}")
        for hours in ("C", "P")
        for letter, colour, adjective in (
            ("B", "Bleu", "jours bleus"),
            ("W", "Blanc", "jours blancs"),
            ("R", "Rouge", "jours rouges"),
        )
    },
}
TEMPO = ("BBRHCJB", "BBRHPJB", "BBRHCJW", "BBRHPJW", "BBRHCJR", "BBRHPJR")
# The registers of the common calendars of STANDARD (NGTF), in the order of their numbers.
CALENDARS = {
    "TEMPO": TEMPO,
    "H PLEINE/CREUSE": ("HCHC", "HCHP"),
    "H PLEINE-CREUSE": ("HCHC", "HCHP"),
    "BASE": ("BASE",),
}


def linky_names(label: str, calendar: str, known: Mapping[int, str]) -> tuple[str, ...]:
    """Return the names of the register `label`, its own first.

    `calendar` is the name of the supplier's calendar, empty if it is unknown; `known` has the
    supplier's names by the number of the register.
    """
    if label not in SUPPLIER_INDEXES:
        return (label, PERIODS.get(label, label), *FRENCH.get(label, ()))
    number = SUPPLIER_INDEXES.index(label) + 1
    names = [label, str(number), *([known[number]] if number in known else [])]
    for title, labels in CALENDARS.items():
        if title in calendar.upper() and number <= len(labels):
            names += linky_names(labels[number - 1], "", {})
    return tuple(names)


def shown_name(label: str, calendar: str, known: Mapping[int, str]) -> str:
    """Return the name of a register's tariff for people; the label if there is no better one."""
    names = linky_names(label, calendar, known)
    return next((name for name in names[2:] if name not in CODES), label)


def label_of_period(period: str) -> str | None:
    """Return the label of the register that counts in a period (PTEC) of HISTORIQUE."""
    wanted = plain_name(period)
    return next((label for label, one in PERIODS.items() if plain_name(one) == wanted), None)


def other_names(parts: Collection[str], name: str) -> tuple[str, ...]:
    """Return the names of a tariff of another meter; `parts` are those of its unique id."""
    numbers = [part for part in parts if part in {"1", "2", "3", "4"}]
    return (name, *(f"T{number}" for number in numbers[-1:]))
