"""Time spans as systemd writes them: `30`, `100ms`, `5min`, `1min 30s`, `infinity`.

A number without a unit is in seconds. See systemd.time(7).
"""

from __future__ import annotations

import math
import re

_UNITS = {
    1e-6: ("us", "usec"),
    1e-3: ("ms", "msec"),
    1.0: ("", "s", "sec", "second", "seconds"),
    60.0: ("m", "min", "minute", "minutes"),
    3600.0: ("h", "hr", "hour", "hours"),
    86400.0: ("d", "day", "days"),
}
_SECONDS = {name: seconds for seconds, names in _UNITS.items() for name in names}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)\s*", re.ASCII)


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
    if not stripped or at < len(stripped):
        raise ValueError(f"found {text!r}, expected a time such as 30, 100ms, 5min or infinity")
    return total
