"""The faults that a simulated meter can have: one table, for bin/meter.

Public reports name each of them. bin/meter imports this before it enters the virtual environment:
standard library only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

FIRST, EVERY = 3, 3  # a fault begins with the third frame; a passing one spoils every third
SHORT_FRAMES = 20  # between two long ones, while a phase is above its setting
INDEX = re.compile(r"EAST|EAS[FD]\d\d|BASE|HC[HP][CP]|EJPH\w+|BBRH\w+")
SUPPLIERS_INDEX = re.compile(r"EASF\d\d|HC[HP][CP]|EJPH\w+|BBRH\w+")
SHORT_FRAME = re.compile(r"_\w+|ADCO|ADIR\d|IINST\d")
ROLL_OVER_WH = 10**9
RESTART_WH = 10**6
CONSTANT_WH = 10**6  # in a register that does not count
EARLIER_CONTRACTS_WH = 6 * 10**6
YEARS_10_S = 10 * 365 * 86_400
OVER_POWER, CLOCK_DEGRADED = 1 << 7, 1 << 16  # in STGE
OVERLOAD_A = 46


@dataclass(frozen=True)
class MeterFault:
    """One fault. A passing one spoils every third frame, a lasting one all from `first` on.

    `values` changes a frame's values, given its number; `text` changes their JSON; `clock_s` is
    added to the meter's clock; `old_readings`: how many of hours ago the dongle sends first, in a
    burst; `is_mode_switched`: the meter's output has the other mode;
    `is_firmware_request`: the dongle asks for new firmware in place of a reading.
    """

    summary: str
    values: Callable[[Mapping[str, str], int], Mapping[str, object]] = lambda values, _: values
    text: Callable[[bytes], bytes] = bytes
    clock_s: int = 0
    old_readings: int = 0
    is_mode_switched: bool = False
    is_firmware_request: bool = False
    is_lasting: bool = False
    first: int = FIRST

    def spoils(self, number: int) -> bool:
        """Return whether frame `number`, counted from 1, has the fault."""
        return number >= self.first if self.is_lasting else number % EVERY == 0

    def changes(self, values: Mapping[str, str]) -> bool:
        """Return whether a meter that sends `values` can have the fault."""
        if self.clock_s or self.old_readings or self.is_mode_switched or self.is_firmware_request:
            return True
        text = encoded(values)
        return self.text(encoded(self.values(values, self.first))) != text


def _indexes(values: Mapping[str, str], pattern: re.Pattern[str] = INDEX) -> list[str]:
    """Return the labels of the registers in use; the total is the first in STANDARD."""
    return [label for label in values if pattern.fullmatch(label) and values[label].strip("0")]


def _zero_indexes(values: Mapping[str, str], _: int) -> dict[str, str]:
    return {**values, **dict.fromkeys(_indexes(values), "0" * 9)}


def _no_indexes(values: Mapping[str, str], _: int) -> dict[str, str]:
    return {**values, **dict.fromkeys(_indexes(values), "")}


def _totaliser(values: Mapping[str, str], _: int) -> dict[str, str]:
    """Move a contract of HISTORIQUE to the supplier's calendar, where BASE is the meter's total."""
    if values.get("OPTARIF", "BASE") == "BASE":
        return dict(values)
    used = _indexes(values)
    total_wh = EARLIER_CONTRACTS_WH + sum(int(values[label]) for label in used)
    moved = {"OPTARIF": "BASE", "PTEC": "TH..", "BASE": f"{total_wh:09d}"}
    return {**values, **dict.fromkeys(used, ""), **moved}


def _other_register(values: Mapping[str, str], _: int) -> dict[str, str]:
    first, *others = _indexes(values)
    different = (values[label] for label in others if values[label] != values[first])
    return {**values, first: next(different, "000004711")}


def _wrong_digit(values: Mapping[str, str], _: int) -> dict[str, str]:
    first, *_others = _indexes(values)
    digits = values[first]
    return {**values, first: f"{digits[:2]}{(int(digits[2]) + 4) % 10}{digits[3:]}"}


def _without_names(values: Mapping[str, str], _: int) -> dict[str, str]:
    names = values.keys() & {"NGTF", "ADSC", "OPTARIF", "ADCO"}
    return {**values, **dict.fromkeys(names, "")}


def _roll_over(values: Mapping[str, str], number: int) -> dict[str, str]:
    """Let the first index reach its nine digits' end with frame 3.

    In STANDARD that is the total. Of the suppliers' and of the distributor's registers the first
    one counts; the others stay as they are.
    """
    first, *others = _indexes(values)
    total_wh = (ROLL_OVER_WH - FIRST + number) % ROLL_OVER_WH
    rolled = {**values, first: f"{total_wh:09d}"}
    for family in ("EASF", "EASD") if first == "EAST" else ():
        counting, *constant = [label for label in others if label.startswith(family)]
        rolled |= dict.fromkeys(constant, f"{CONSTANT_WH:09d}")
        counted_wh = total_wh - CONSTANT_WH * len(constant)
        rolled[counting] = f"{counted_wh % ROLL_OVER_WH:09d}"
    return rolled


def _restart(values: Mapping[str, str], _: int) -> dict[str, str]:
    restarted = {
        label: f"{int(values[label]) % RESTART_WH:09d}"
        for label in _indexes(values, SUPPLIERS_INDEX)
    }
    return {**values, **restarted}


def _overload(values: Mapping[str, str], number: int) -> dict[str, str]:
    amperes = f"{OVERLOAD_A:03d}"
    if "STGE" in values:
        status = int(values["STGE"], 16) | OVER_POWER
        return {**values, "STGE": f"{status:08X}", "IRMS1": amperes}
    if values["IMAX"]:  # single-phase
        return {**values, "ADPS": amperes, "IINST1": amperes}
    is_long = (number - FIRST) % (SHORT_FRAMES + 1) == SHORT_FRAMES
    kept = values if is_long else dict.fromkeys(values, "") | _short(values)
    return {**kept, "ADIR1": amperes, "IINST1": amperes}


def _short(values: Mapping[str, str]) -> dict[str, str]:
    return {label: text for label, text in values.items() if SHORT_FRAME.fullmatch(label)}


def _degraded_clock(values: Mapping[str, str], _: int) -> dict[str, str]:
    if "STGE" not in values:
        return dict(values)
    status = int(values["STGE"], 16) | CLOCK_DEGRADED
    return {**values, "STGE": f"{status:08X}", "DATE": values["DATE"].swapcase()}


def _other_types(values: Mapping[str, str], _: int) -> dict[str, object]:
    serial = dict.fromkeys(values.keys() & {"ADSC", "ADCO"})
    return {**values, **serial, "MSG1": None, "HHPHC": None, "ISOUSC": 30, "PREF": 6}


def _bad_byte(text: bytes) -> bytes:
    return re.sub(rb'"(MSG1|PTEC)":"', rb"\g<0>" + b"\xe9", text)


FAULTS = {
    "zero-index": MeterFault("every index is 0", _zero_indexes),
    "no-index": MeterFault("the indexes are missing", _no_indexes),
    "other-register": MeterFault("an index has another register's value", _other_register),
    "wrong-digit": MeterFault("an index has one wrong digit", _wrong_digit),
    "missing-names": MeterFault("no calendar, option or serial number", _without_names),
    "other-types": MeterFault("a number and null among the values", _other_types),
    "bad-byte": MeterFault("a byte that is not UTF-8 in a text", text=_bad_byte),
    "truncated-json": MeterFault("the JSON lacks its end", text=lambda text: text[:-40]),
    "year-2036": MeterFault("the clock is ten years ahead", clock_s=YEARS_10_S),
    "old-readings": MeterFault("five readings of two hours ago come first", old_readings=5),
    "clock-behind": MeterFault(
        "the clock is 3 h 30 min behind, from frame 3 on", clock_s=-12_600, is_lasting=True
    ),
    "clock-degraded": MeterFault(
        "the meter says that it lost the time (STANDARD), from frame 3 on",
        _degraded_clock,
        is_lasting=True,
    ),
    "roll-over": MeterFault(
        "an index passes 999 999 999 Wh with frame 3", _roll_over, is_lasting=True, first=1
    ),
    "restart": MeterFault(
        "the supplier's registers begin again, from frame 3 on", _restart, is_lasting=True
    ),
    "totaliser": MeterFault(
        "BASE, the meter's total, replaces the contract's indexes (HISTORIQUE), from frame 3 on",
        _totaliser,
        is_lasting=True,
    ),
    "mode-switch": MeterFault(
        "the output changes to the other mode, from frame 3 on",
        is_mode_switched=True,
        is_lasting=True,
    ),
    "overload": MeterFault(
        "the home is above its power, from frame 3 on; three phases send short frames",
        _overload,
        is_lasting=True,
    ),
    "firmware-request": MeterFault(
        "the dongle asks for firmware and sends no reading",
        is_firmware_request=True,
        is_lasting=True,
        first=1,
    ),
}


def encoded(values: Mapping[str, object]) -> bytes:
    """Return the JSON text of a frame's values."""
    return json.dumps(values, separators=(",", ":")).encode()
