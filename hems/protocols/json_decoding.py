"""Decode JSON into typed values; malformed data becomes one kind of error, in our own words."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from hems.errors import ProtocolError

# What msgspec raises for malformed data; RecursionError: it is nested too deep.
MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
NOT_JSON = "found bytes that are not JSON"
ANOTHER_FORM = "found JSON of another form"
TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}
# The messages of msgspec 0.18 to 0.21; they show the value of an enum only.
ANOTHER_TYPE = re.compile(r"Expected `([a-z |]+)`, got `([a-z]+)`")
NO_FIELD = re.compile(r"Object missing required field `(\w+)`")
UNKNOWN_VALUE = re.compile(r"Invalid enum value ('.*?'|-?\d+)(?= - at|$)")
PLACE = re.compile(r" - at `\$\.?(.+)`$")
T = TypeVar("T")


def warm_up() -> None:
    """Make what msgspec makes when it first decodes a class, for every class that is imported.

    The processes that are forked from this one share it; for the report of supervisord alone it is
    0.9 MB, mostly pages of the annotations that it reads.
    """
    classes = [msgspec.Struct]
    for kind in classes:
        classes.extend(kind.__subclasses__())
        if kind.__module__.startswith("hems."):
            msgspec.json.Decoder(kind)


def decode_json(data: bytes | str, kind: type[T], source: str) -> T:
    """Return `data`, JSON from `source`, as a `kind`.

    Raises ProtocolError, which names the source and shows nothing of the data except the value of
    an enum: the data may hold a secret.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except MALFORMED as error:
        problem = _found(error) if data else "found nothing"
        raise ProtocolError(f"{source}: {problem}") from None


def _found(error: Exception) -> str:
    """Return what was found, and what was expected."""
    text = str(error)
    place = PLACE.search(text)
    at = f" at {place[1]}" if place else ""
    if isinstance(error, RecursionError):
        return "found JSON that is nested too deeply"
    if "out of range" in text:
        return f"found a number that is too large{at}"
    if isinstance(error, msgspec.ValidationError):
        return _other_form(text) + at
    return "found JSON that is cut off" if "truncated" in text else NOT_JSON


def _other_form(text: str) -> str:
    if match := ANOTHER_TYPE.match(text):
        expected = " or ".join(TYPES.get(one, one) for one in match[1].split(" | "))
        return f"expected {expected}, found {TYPES.get(match[2], match[2])}"
    if match := NO_FIELD.match(text):
        return f"expected a field {match[1]}, found none"
    if match := UNKNOWN_VALUE.match(text):
        return f"found {match[1]}, which hems does not know,"
    return ANOTHER_FORM
