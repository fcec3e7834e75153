"""The sd_notify(3) datagram, both ways. Bytes in, values out; no I/O, no clock.

One datagram is lines of `KEY=value`, UTF-8, separated by a line feed:

    READY=1                  start-up, or a reload, is complete
    WATCHDOG=1               the worker lives; WATCHDOG=trigger: it asks to be ended as hung
    STATUS=...               one line for people
    STOPPING=1, RELOADING=1  what it does next
    EXTEND_TIMEOUT_USEC=...  the current start or stop may take that much longer from now on
    X_HEMS_STATE={...}       the worker's figures, one JSON object (ours, after systemd's X_ rule)

Unknown keys are ignored and an empty datagram is legal; MONOTONIC_USEC, which comes with RELOADING,
is not needed here. BARRIER=1 carries no value: it is over when its file descriptor is closed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from hems.errors import ProtocolError

MAX_SIZE = 8192  # bytes in a datagram; the longest legal one needs about 5 kB
MAX_STATUS = 256  # characters
MAX_STATE = 4096  # bytes of JSON
MAX_EXTENSION_S = 3600.0

_FLAGS = {
    ("READY", "1"): "is_ready",
    ("WATCHDOG", "1"): "is_alive",
    ("WATCHDOG", "trigger"): "is_trigger",
    ("STOPPING", "1"): "is_stopping",
    ("RELOADING", "1"): "is_reloading",
}


@dataclass(frozen=True)
class Message:
    """What one datagram says. `state` is JSON in ASCII; `ignored` names malformed fields."""

    is_ready: bool = False
    is_alive: bool = False
    is_trigger: bool = False
    is_stopping: bool = False
    is_reloading: bool = False
    status: str | None = None
    extension_s: float | None = None
    state: str | None = None
    ignored: tuple[str, ...] = ()


def decode(data: bytes) -> Message:
    """Read one datagram. Malformed fields are left out and named in `ignored`.

    Raises ProtocolError for a datagram longer than MAX_SIZE bytes.
    """
    if len(data) > MAX_SIZE:
        raise ProtocolError(f"notification of {len(data)} bytes, expected at most {MAX_SIZE}")
    found: dict[str, object] = {}
    ignored = []
    for line in data.decode("utf-8", "replace").split("\n"):
        key, _, value = line.partition("=")
        try:
            found.update(_field(key, value))
        except ValueError as error:
            ignored.append(f"{key}: {error}")
    return Message(**found, ignored=tuple(ignored))  # type: ignore[arg-type]


def encode(message: Message) -> bytes:
    """Build the datagram; `ignored` is not sent. Raises ProtocolError beyond MAX_SIZE bytes."""
    lines = [f"{key}={value}" for (key, value), flag in _FLAGS.items() if getattr(message, flag)]
    if message.extension_s is not None:
        lines.append(f"EXTEND_TIMEOUT_USEC={round(message.extension_s * 1e6)}")
    if message.status is not None:
        lines.append(f"STATUS={one_line(message.status)}")
    if message.state is not None:
        lines.append(f"X_HEMS_STATE={message.state}")
    data = "\n".join(lines).encode("utf-8", "replace")
    if len(data) > MAX_SIZE:
        raise ProtocolError(f"notification of {len(data)} bytes, expected at most {MAX_SIZE}")
    return data


def one_line(text: str) -> str:
    """Return `text` fit for one line and for XML: what cannot be printed becomes a space."""
    return "".join(c if c.isprintable() else " " for c in text[:MAX_STATUS]).strip()


def figures(values: Mapping[str, object]) -> str:
    """Return the JSON of X_HEMS_STATE, in ASCII.

    Raises ValueError when it exceeds MAX_STATE bytes or holds a NaN, TypeError when a value
    is none of JSON's.
    """
    text = json.dumps(values, allow_nan=False, separators=(",", ":"))
    if len(text) > MAX_STATE:
        raise ValueError(f"{len(text)} bytes, expected at most {MAX_STATE}")
    return text


def _field(key: str, value: str) -> Mapping[str, object]:
    """Return the message's field that this line sets, or nothing. Raises ValueError."""
    if flag := _FLAGS.get((key, value)):
        return {flag: True}
    if key == "STATUS":
        return {"status": one_line(value)}
    if key == "EXTEND_TIMEOUT_USEC":
        return {"extension_s": _extension(value)}
    if key == "X_HEMS_STATE":
        return {"state": _state(value)}
    return {}


def _extension(value: str) -> float:
    if not (value.isascii() and value.isdecimal()):
        raise ValueError(f"found {value[:40]!r}, expected microseconds")
    return min(int(value[:20]) / 1e6, MAX_EXTENSION_S)


def _state(value: str) -> str:
    if len(value) > MAX_STATE:
        raise ValueError(f"{len(value)} characters, expected at most {MAX_STATE}")
    try:
        found = json.loads(value)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError(f"found {type(found).__name__}, expected a JSON object")  # noqa: TRY004
    return figures(found)
