"""Doubt the registers of one frame, by their own past and by the others of the frame.

A reader of the meter's output may show one register's value in another one.
"""

from __future__ import annotations

from collections.abc import Mapping

from hems.protocols.linky.labels import (
    DISTRIBUTOR_INDEXES,
    HISTORIQUE_INDEXES,
    REACTIVE_INDEXES,
    SUPPLIER_INDEXES,
)
from hems.workers.eesmart_d2l.confirmation import CONFIRMED
from hems.workers.eesmart_d2l.energy_register import (
    LONG_S,
    NEW,
    UNLIKELY,
    Doubt,
    EnergyRegister,
    Limit,
    Stamp,
)
from hems.workers.eesmart_d2l.energy_upper_bound import MeterCapacity
from hems.workers.eesmart_d2l.first_values import FirstValues
from hems.workers.eesmart_d2l.register_redundancy import TOTAL

Values = Mapping[str, int]

INJECTED = frozenset({"EAIT", *REACTIVE_INDEXES})
# Registers of one family measure different energy, so that equal values are a copy.
FAMILIES = {
    **dict.fromkeys(SUPPLIER_INDEXES, "supplier"),
    **dict.fromkeys(DISTRIBUTOR_INDEXES, "distributor"),
    **dict.fromkeys(REACTIVE_INDEXES, "reactive"),
    **dict.fromkeys(HISTORIQUE_INDEXES, "option"),
    TOTAL: "total",
    "EAIT": "injected",
}
COPY_STEP_S = 60.0  # a rise within what the meter counts in this time is never a copy


def capacity_limits(new: Values, at: Stamp, capacity: MeterCapacity) -> dict[str, Limit]:
    """Return the limit of each register of a frame of the time `at`."""
    energy, injected = Limit(at, capacity.energy_wh), Limit(at, capacity.injected_wh)
    return {label: injected if label in INJECTED else energy for label in new}


def frame_doubts(
    registers: Mapping[str, EnergyRegister],
    new: Values,
    good: Values,
    limits: Mapping[str, Limit],
) -> dict[str, Doubt]:
    """Return the doubts about the values `new`, by label; `good` has the last good values."""
    doubts = {}
    first = FirstValues(new, good)
    for label, value in new.items():
        if value == good.get(label):
            continue
        register = registers.get(label) or EnergyRegister()
        doubt = register.doubt(value, limits[label])
        if doubt is NEW:
            doubt = first.doubt(label, limits[label])
        if doubt is not None:
            doubts[label] = doubt
    for label in _begun_again(new, good, doubts):
        doubts[label] = Doubt(doubts[label].reason, CONFIRMED)
    sound = {label: value for label, value in new.items() if label not in doubts}
    for label, value in new.items():
        if (other := _copied(label, value, sound, good, limits[label])) is not None:
            doubts[label] = Doubt(f"{value} is a copy of {other}", UNLIKELY)
    return doubts


def _begun_again(new: Values, good: Values, doubts: Mapping[str, Doubt]) -> list[str]:
    """Return the zeros that are as likely as the falls of other registers of their family.

    The registers of a new meter, or of a new supplier, begin again together.
    """
    falls = {label for label in doubts if new[label] < good.get(label, 0)}
    families = {FAMILIES.get(label) for label in falls if new[label]}
    return [label for label in falls if not new[label] and FAMILIES.get(label) in families]


def _copied(label: str, value: int, sound: Values, good: Values, limit: Limit) -> str | None:
    """Return the register whose `value` the register `label` shows, None if it is its own.

    `sound` has the values of the frame that are plausible by themselves.
    """
    last = good.get(label)
    if 0 <= value - (last or 0) <= limit.most(COPY_STEP_S) or not value:
        return None
    for other, family in FAMILIES.items():
        if other == label or (last is None and family != FAMILIES.get(label)):
            continue
        if last is not None and abs(good.get(other, 0) - last) <= limit.most(LONG_S):
            continue  # equal because both count the same, as in a contract of one register
        if value in (sound.get(other), good.get(other)):
            return other
    return None
