"""Build what the live page shows: one JSON document, from the household and the workers' reports.

The curves and the energy by tariff are those of the simulated household; meters, LEDs, units and
problems are what the workers publish.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from typing import Any

from dev.launcher.mqtt_reading_rows import ReadingRow
from dev.launcher.simulated_home_options import DAY_S, DeskHome
from dev.launcher.unit_changes_and_problems import problems, refused_frames
from dev.simulator.home_day import Appliance
from dev.simulator.household import FIRST_DAY_S
from hems.supervision.health.health_row import HealthRow

STEP_S = 1800  # between two points of the curves; the cycles of the heat pump are shorter
Point = tuple[int, int, int]  # household's unix s; mean watts used and made from then on


class PageData:
    """`update` takes what the desk knows; `document` may be called in any thread."""

    def __init__(self, home: DeskHome) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._points: dict[int, Point] = {}
        self._readings: Sequence[ReadingRow] = ()
        self._rows: Sequence[HealthRow] = ()

    def update(self, readings: Iterable[ReadingRow], rows: Sequence[HealthRow]) -> None:
        """Keep the newest readings and the health of the units."""
        with self._lock:
            self._readings, self._rows = list(readings), rows

    def document(self, unix_time: int, monotonic: float) -> bytes:
        """Return the document of this moment."""
        with self._lock:
            readings, rows = self._readings, self._rows
            home = self._household(unix_time)
        document = {
            "time": unix_time,
            "speed": self._home.speed,
            **home,
            "meters": [_meter(one, monotonic) for one in readings],
            "frames": refused_frames(rows),
            "leds": [led for row in rows if row.name == "led" for led in _leds(row)],
            "units": {
                "all": len(rows),
                "ready": sum(row.is_ready for row in rows),
                "complaints": problems(rows),
            },
            "problems": [
                {"title": one.title, "found": one.found, "what_to_do": one.what_to_do}
                for row in rows
                for one in row.problems
            ],
        }
        return json.dumps(document, separators=(",", ":")).encode()

    def _household(self, unix_time: int) -> dict[str, Any]:
        household, pace = self._home.household, self._home.pace
        reading = household.reading(unix_time)
        used, made = household.consumption(unix_time), household.solar(unix_time)
        now = pace.household_time(unix_time)
        midnight = pace.our_time(FIRST_DAY_S + reading.day * DAY_S)
        before = household.reading(midnight)
        names = (" ".join(name.split()) for name in self._home.kind.calendar.names)
        counted = zip(names, before.registers_wh, reading.registers_wh, strict=True)
        return {
            "household_time": now,
            "power": {
                "used": used.watts,
                "made": made.watts,
                "imported": reading.imported.watts,
                "exported": reading.injected.watts,
            },
            "day": self._curve(now),
            "tariffs": [
                {"name": name, "wh": later - earlier, "is_now": number == reading.index}
                for number, (name, earlier, later) in enumerate(counted, 1)
            ],
            "appliances": [
                {"name": one.value, "watts": household.appliance(one, unix_time).watts}
                for one in Appliance
            ],
        }

    def _curve(self, now: int) -> list[Point]:
        """Return the last 24 hours of the household, until its time `now`."""
        times = range(now - DAY_S - now % STEP_S, now, STEP_S)
        self._points = {at: self._points.get(at) or self._point(at, STEP_S) for at in times}
        return [*self._points.values(), self._point(now, 60)]

    def _point(self, household_time: int, seconds: int) -> Point:
        used, made = self._home.household.mean_watts(household_time, seconds // 60)
        return household_time, used, made


def _meter(one: ReadingRow, monotonic: float) -> dict[str, object]:
    return {
        "id": one.device_id,
        "power": one.power,
        "energy": one.energy,
        "tariff": one.tariff,
        "age_s": round(monotonic - one.received_at) if one.count else None,
        "count": one.count,
    }


def _leds(row: HealthRow) -> list[dict[str, str]]:
    lamps = json.loads(row.metrics).get("lamps", {})
    return [
        {"name": name, "pattern": one["pattern"], "meaning": one["meaning"]}
        for name, one in lamps.items()
    ]
