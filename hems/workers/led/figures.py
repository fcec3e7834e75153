"""What the worker tells its supervisor: figures for machines, a line for people."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hems.workers.led.errors import Errors
from hems.workers.led.meaning import Lamp, Shown

LABELS = {
    Lamp.HOME_ASSISTANT: "Home Assistant",
    Lamp.INTERNET: "internet",
    Lamp.ERRORS: "errors",
}


class Light(msgspec.Struct, frozen=True):
    pattern: str
    meaning: str


class Figures(msgspec.Struct, frozen=True):
    """X_HEMS_STATE of led. `lamps` by label; `log` and `watchdog`: why they are away, or empty."""

    lamps: dict[str, Light]
    errors: int
    last_error_age_s: float | None
    log: str
    watchdog: str


def figures(shown: Mapping[Lamp, Shown], errors: Errors, watchdog: str, now: float) -> Figures:
    """Return the figures at monotonic `now` (s)."""
    return Figures(
        lamps={LABELS[lamp]: Light(one.pattern.name, one.meaning) for lamp, one in shown.items()},
        errors=errors.count,
        last_error_age_s=None if errors.last_at is None else round(now - errors.last_at, 1),
        log=errors.outage,
        watchdog=watchdog,
    )


def status(told: Figures) -> str:
    """Return the figures as one line for people."""
    parts = [f"{label}: {light.meaning}" for label, light in told.lamps.items()]
    if told.log:
        parts.append(f"no log: {told.log}")
    if told.watchdog:
        parts.append(f"watchdog not heard: {told.watchdog}")
    return ", ".join(parts)
