"""Convert the values in notifications: numbers, flags, names, and our own JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hems.supervision.worker.problem import ReportedProblem

MAX_STATUS = 256  # characters
MAX_METRICS = 4096  # bytes of JSON
MAX_PROBLEMS = 8192  # bytes of JSON
MAX_FOUND = 300  # characters of a problem's text
MAX_NAME = 64  # characters of a problem's name and of its subject
MAX_EXTENSION_S = 3600.0
MAX_DESCRIPTOR_NAME = 255
MAX_NUMBER = 2**31 - 1  # of a pid and of an errno: a C int
_DIGITS = 20  # more than any valid number has


def one_line(text: str, limit: int = MAX_STATUS) -> str:
    """Return `text` for one line and for XML: unprintable characters become spaces."""
    return "".join(c if c.isprintable() else " " for c in text[:limit]).strip()


def encode_metrics(values: Mapping[str, object]) -> str:
    """Return the JSON for X_METRICS, in ASCII.

    Raises ValueError when it has more than MAX_METRICS bytes or contains a NaN, TypeError when JSON
    cannot represent a value.
    """
    text = json.dumps(values, allow_nan=False, separators=(",", ":"))
    if len(text) > MAX_METRICS:
        raise ValueError(f"found {len(text)} bytes, expected at most {MAX_METRICS}")
    return text


def number(value: str) -> int:
    """Return a number from 0 to MAX_NUMBER. Raises ValueError, as all functions below."""
    number = _digits(value, f"a whole number up to {MAX_NUMBER}")
    if number > MAX_NUMBER:
        raise ValueError(f"found {number}, expected a whole number up to {MAX_NUMBER}")
    return number


def seconds(value: str) -> float:
    """Return microseconds as seconds."""
    return _digits(value, "microseconds") / 1e6


def extension(value: str) -> float:
    """Return the extension of a time-out in seconds."""
    return min(seconds(value), MAX_EXTENSION_S)


def descriptor_name(value: str) -> str:
    """Return a name for LISTEN_FDNAMES, where a colon separates the names."""
    is_valid = value.isascii() and value.isprintable() and ":" not in value
    if not is_valid or not 0 < len(value) <= MAX_DESCRIPTOR_NAME:
        raise ValueError(f"found {value[:40]!r}, expected printable ASCII without a colon")
    return value


def metrics(value: str) -> str:
    """Return the JSON of X_METRICS in ASCII."""
    decoded = _json(value, MAX_METRICS)
    if not isinstance(decoded, dict):
        raise ValueError(f"found {type(decoded).__name__}, expected a JSON object")  # noqa: TRY004
    return encode_metrics(decoded)


def problems(value: str) -> tuple[ReportedProblem, ...]:
    """Return the problems of X_PROBLEMS."""
    items = _json(value, MAX_PROBLEMS)
    if not isinstance(items, list):
        raise ValueError(f"found {type(items).__name__}, expected a JSON array")  # noqa: TRY004
    return tuple(_problem(item) for item in items)


def _digits(value: str, what: str) -> int:
    if not (value.isascii() and value.isdecimal()):
        raise ValueError(f"found {value[:40]!r}, expected {what}")
    return int(value[:_DIGITS])


def _problem(item: object) -> ReportedProblem:
    if not isinstance(item, dict) or not item.get("name"):
        raise ValueError("found a problem without a name")
    name, subject, found = item["name"], item.get("subject", ""), item.get("found")
    if not (isinstance(name, str) and isinstance(subject, str) and isinstance(found, str | None)):
        raise ValueError("found a problem whose fields are not text")  # noqa: TRY004
    found = None if found is None else one_line(found, MAX_FOUND)
    return ReportedProblem(one_line(name, MAX_NAME), one_line(subject, MAX_NAME), found)


def _json(value: str, limit: int) -> object:
    if len(value) > limit:
        raise ValueError(f"found {len(value)} characters, expected at most {limit}")
    try:
        return json.loads(value)
    except RecursionError:
        raise ValueError("nested too deeply") from None
