"""Read what the worker last published about a dongle, from the retained state on the broker.

It costs no flash, and it survives every restart of the worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hems.protocols.json_decoding import decode_json
from hems.protocols.linky.label_names import CONTRACT_TEXTS
from hems.protocols.linky.labels import REGISTERS
from hems.protocols.linky.linky_state import iso_time
from hems.workers.eesmart_d2l.energy_upper_bound import RATINGS
from hems.workers.eesmart_d2l.total_source import SOURCES, Total

ENERGY_TOTAL = "energy_total"
ENERGY_TOTAL_SOURCE = "energy_total_source"  # its labels
ENERGY_TOTAL_OFFSET = "energy_total_offset"  # Wh
ENERGY_TOTAL_AT = "energy_total_at"  # by the meter's clock, ISO 8601
SEPARATOR = "+"
RetainedState = Mapping[str, Any]


@dataclass(frozen=True)
class LastGood:
    """The last good values of a meter, by label.

    `total` is None before the first reading that told it. `power_w` is the estimated power.
    `meter_time` is the time of the meter's clock (unix s); `received_at` is that of the gateway,
    None if it was not trusted then.
    """

    registers: Mapping[str, int]
    ratings: Mapping[str, int]
    texts: Mapping[str, str]
    meter_time: int | None
    received_at: float | None
    total: Total | None = None
    power_w: float | None = None


def decode_state(payload: bytes, name: str) -> RetainedState:
    """Return the state of the dongle `name`. Raises ProtocolError if it is no JSON object."""
    return decode_json(payload, dict[str, Any], name)


def last_good(state: RetainedState) -> LastGood:
    """Return the last good values in a state; values of another type or size are left out."""
    texts = {label: state.get(label.lower()) for label in CONTRACT_TEXTS}
    meter_time = _meter_time(state.get("date"))
    registers = _numbers(state, REGISTERS)
    power_w = state.get("power_estimated")
    return LastGood(
        registers=registers,
        ratings=_numbers(state, RATINGS),
        texts={label: text for label, text in texts.items() if isinstance(text, str) and text},
        total=_total(state, registers),
        power_w=power_w if isinstance(power_w, int) else None,
        meter_time=meter_time,
        received_at=_unix_time(state.get("last_frame")),
    )


def total_state(total: Total | None) -> dict[str, int | str | None]:
    """Return the part of the state that has the total, and what is needed to continue it."""
    if total is None:
        return {}
    return {
        ENERGY_TOTAL: total.total,
        ENERGY_TOTAL_SOURCE: SEPARATOR.join(total.source),
        ENERGY_TOTAL_OFFSET: total.offset,
        ENERGY_TOTAL_AT: iso_time(total.at),
    }


def _total(state: RetainedState, registers: Mapping[str, int]) -> Total | None:
    """Return the total; hems 0.1.0 kept no source, and in STANDARD only EAST."""
    total, offset = state.get(ENERGY_TOTAL), state.get(ENERGY_TOTAL_OFFSET)
    source = tuple(str(state.get(ENERGY_TOTAL_SOURCE)).split(SEPARATOR))
    if source in SOURCES and isinstance(total, int) and isinstance(offset, int):
        return Total(source, total - offset, total, _meter_time(state.get(ENERGY_TOTAL_AT)))
    sums = {
        labels: sum(registers[label] for label in labels)
        for labels in SOURCES
        if registers.keys() >= {*labels}
    }
    if not sums:
        return None
    source = next((labels for labels, wh in sums.items() if wh == total), next(iter(sums)))
    known = total if isinstance(total, int) else sums[source]
    return Total(source, sums[source], known, _meter_time(state.get("date")))


def _numbers(state: RetainedState, labels: Iterable[str]) -> dict[str, int]:
    values = {label: state.get(label.lower()) for label in labels}
    return {
        label: value
        for label, value in values.items()
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9
    }


def _meter_time(text: object) -> int | None:
    time = _unix_time(text)
    return None if time is None else int(time)


def _unix_time(text: object) -> float | None:
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None
