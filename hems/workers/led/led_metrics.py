"""The metrics of led, and the same as one line for people."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hems.workers.led.home_assistant_errors import RecentErrors
from hems.workers.led.led_meaning import Lamp, LampDisplay

LABELS = {
    Lamp.HOME_ASSISTANT: "Home Assistant",
    Lamp.INTERNET: "internet",
    Lamp.ERRORS: "errors",
}


class LampMetrics(msgspec.Struct, frozen=True):
    """The pattern on one lamp, and its meaning."""

    pattern: str
    meaning: str


class LedMetrics(msgspec.Struct, frozen=True):
    """The metrics of led.

    `lamps` is by label; `errors` counts lines of the log since the start; `log` and `watchdog` are
    why they are away, empty if they are not.
    """

    lamps: dict[str, LampMetrics]
    errors: int
    last_error_age_s: float | None
    log: str
    watchdog: str


def metrics(
    displays: Mapping[Lamp, LampDisplay], errors: RecentErrors, watchdog: str, now: float
) -> LedMetrics:
    """Return the metrics at monotonic `now` (s)."""
    last_at = errors.last_at
    return LedMetrics(
        lamps={
            LABELS[lamp]: LampMetrics(display.pattern.name, display.meaning)
            for lamp, display in displays.items()
        },
        errors=errors.count,
        last_error_age_s=None if last_at is None else round(now - last_at, 1),
        log=errors.outage,
        watchdog=watchdog,
    )


def status(metrics: LedMetrics) -> str:
    """Return the metrics as one line for people."""
    parts = [f"{label}: {lamp.meaning}" for label, lamp in metrics.lamps.items()]
    if metrics.log:
        parts.append(f"no log: {metrics.log}")
    if metrics.watchdog:
        parts.append(f"the watchdog is away: {metrics.watchdog}")
    return ", ".join(parts)
