"""Read what is certain in a payload that is not an intact JSON object of strings.

The D2L's payload is flat, so each pair can be judged alone. A pair counts if it is whole and a
comma or an end follows it. After a fault, reading resumes at the next comma that a label and a
colon follow: an unescaped quote before a letter always opens a string, so a key cannot be mistaken
for a value. Nothing counts behind a bracket that is not closed, because it may be nested.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from hems.protocols.linky.d2l_frames import ID_DIGITS
from hems.protocols.linky.labels import QUANTITIES, SPELLINGS

PAYLOAD = "payload"  # names faults that belong to no label
NUMBERS = {*QUANTITIES, *SPELLINGS, "RELAIS", "_HORLOGE"}  # leading zeros mean nothing in these
LABEL = r'"([A-Z_][A-Z0-9_+-]{0,31})"[ \t\n\r]*:'
OPENING = re.compile(r'([^][{}",:]*)\{[ \t\n\r]*')
LABELS = re.compile(LABEL)
NEXT_PAIR = re.compile(rf",[ \t\n\r]*(?={LABEL})")
COLON = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
SEPARATOR = re.compile(r"[ \t\n\r]*(,|\}|\Z)[ \t\n\r]*")
NOT_TEXT = re.compile("[\ud800-\udfff]")  # bytes that are not UTF-8, and halves of characters
BRACKETS = re.compile(r"[][{}]")


class JsonNumber(str):
    """The text of a JSON number."""

    __slots__ = ()


DECODER = json.JSONDecoder(parse_int=JsonNumber, parse_float=JsonNumber)


@dataclass
class SalvagedPayload:
    """Strings by key, and why a key has none. PAYLOAD is the key of what belongs to no key."""

    strings: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def add(self, key: str, value: object) -> None:
        """Take one whole pair, if the meaning of both parts is certain."""
        if NOT_TEXT.search(key):
            self.faults[PAYLOAD] = "found a key that is not UTF-8"
            return
        text, fault = _text(key, value)
        if self.strings.get(key, text) != text:
            fault = "sent twice with different values"
        if fault:
            self.faults.setdefault(key, fault)
        if key in self.faults:
            self.strings.pop(key, None)
        else:
            self.strings[key] = text


def salvage(payload: bytes) -> SalvagedPayload:
    """Return the pairs of `payload` that are certain, and the faults of the others."""
    text = payload.decode("utf-8", "surrogateescape")
    salvaged = SalvagedPayload()
    opening = OPENING.match(text)
    at: int | None = opening.end() if opening else 0
    if opening is None or opening[1].strip():
        salvaged.faults[PAYLOAD] = "found no JSON object at its beginning"
    while at is not None:
        try:
            key, value, separator, end = _pair(text, at)
        except (ValueError, RecursionError):  # RecursionError: it is nested too deep
            at = _skip(text, at, salvaged)
            continue
        salvaged.add(key, value)
        at = end if separator == "," else None
        if not separator:
            salvaged.faults.setdefault(PAYLOAD, "found no end")
        elif at is None and end < len(text):
            salvaged.faults.setdefault(PAYLOAD, "found more after its end")
    return salvaged


def _pair(text: str, at: int) -> tuple[str, object, str, int]:
    """Return the key, value and separator at `at`, and where they end.

    Raises ValueError or RecursionError if they are not whole.
    """
    key, at = DECODER.raw_decode(text, at)
    colon = COLON.match(text, at)
    if colon is None or type(key) is not str:
        raise ValueError("found no key and colon")
    value, at = DECODER.raw_decode(text, colon.end())
    separator = SEPARATOR.match(text, at)
    if separator is None:
        raise ValueError("found no comma after the value")
    return key, value, separator[1], separator.end()


def _skip(text: str, begin: int, salvaged: SalvagedPayload) -> int | None:
    """Return where the next pair after `begin` certainly begins, None if there is none."""
    resumed = NEXT_PAIR.search(text, begin)
    if resumed is not None and BRACKETS.search(text, begin, resumed.start()):
        resumed = None
    end = resumed.start() if resumed else len(text)
    fault = "malformed" if resumed else "cut off"
    for label in LABELS.findall(text, begin, end):
        salvaged.faults.setdefault(label, fault)
        salvaged.strings.pop(label, None)
    salvaged.faults.setdefault(PAYLOAD, f"{fault} at character {begin}")
    return resumed.end() if resumed else None


def _text(key: str, value: object) -> tuple[str, str]:
    """Return the text that `value` certainly means, and why there is none."""
    if value is None:
        return "", ""
    if isinstance(value, JsonNumber):
        if value.isdecimal() and (key in NUMBERS or key == "_ID_D2L"):
            return value.zfill(ID_DIGITS) if key == "_ID_D2L" else str(value), ""
        return "", f"found the number {value}, expected a string"
    if not isinstance(value, str):
        return "", f"found {type(value).__name__}, expected a string"
    return value, "not UTF-8" if NOT_TEXT.search(value) else ""
