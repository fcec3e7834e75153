"""Parse time spans in systemd's notation: `30`, `100ms`, `5min`, `1min 30s`, `infinity`.

A number without a unit is in seconds. See systemd.time(7).
"""

from __future__ import annotations

import math
import re

_UNITS = {
    1e-6: ("us", "usec", "µs", "μs"),
    1e-3: ("ms", "msec"),
    1.0: ("", "s", "sec", "second", "seconds"),
    60.0: ("m", "min", "minute", "minutes"),
    3600.0: ("h", "hr", "hour", "hours"),
    86400.0: ("d", "day", "days"),
    604800.0: ("w", "week", "weeks"),
    2629800.0: ("month", "M", "months"),  # a twelfth of a year
    31557600.0: ("y", "year", "years"),  # of 365.25 days
}
_WRITTEN = {1.0: "s", 60.0: "min"}  # elsewhere it is the first name
_SECONDS = {name: seconds for seconds, names in _UNITS.items() for name in names}
MAX_S = 2**64 / 1e6  # systemd counts microseconds in 64 bits
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-zMµμ]*)\s*", re.ASCII)


def seconds(text: str) -> float:
    """Return the span in seconds, math.inf for `infinity`. Raises ValueError."""
    if text.strip() == "infinity":
        return math.inf
    total, at = 0.0, 0
    stripped = text.strip()
    while part := _PART.match(stripped, at):
        if part[2] not in _SECONDS:
            break
        total += float(part[1]) * _SECONDS[part[2]]
        at = part.end()
    if not stripped or at < len(stripped) or total >= MAX_S:
        raise ValueError(f"found {text!r}, expected a time such as 30, 100ms, 5min or infinity")
    return total


def text(span_s: float) -> str:
    """Return a span as systemd writes it: `1min 30s`, `100ms`, `0`, `infinity`."""
    if span_s == math.inf:
        return "infinity"
    left, parts = round(span_s * 1e6), []
    for unit_s in sorted(_UNITS, reverse=True):
        count, left = divmod(left, round(unit_s * 1e6))
        if count:
            parts.append(f"{count}{_WRITTEN.get(unit_s, _UNITS[unit_s][0])}")
    return " ".join(parts) or "0"
