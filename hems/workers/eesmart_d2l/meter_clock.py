"""Judge the time of a meter's readings against the gateway's clock, and against the time before.

The protocol has no counter, so anybody can repeat an old frame. A time that runs backwards, or
that is more than an hour from the gateway's, is doubted at any time; so is a leap while the
gateway has no time of its own. A meter's clock can really be hours off. Then its times keep the
pace of ours, and after several of them over some minutes the difference is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass

from hems.protocols.linky.meter_reading import MeterReading
from hems.workers.eesmart_d2l.confirmation import CONFIRMED, Confirmation
from hems.workers.eesmart_d2l.refused_frames import FrameRefused, RefusalReason
from hems.workers.eesmart_d2l.trusted_clock import Moment

TOLERANCE_S = 3660.0  # an hour, because the season's letter can come late, and a minute
PACE_TOLERANCE_S = 60.0  # between the meter's clock and ours, while it keeps our pace


@dataclass
class MeterClock:
    """The meter's clock, as its readings show it. `time` is the last accepted one (unix s)."""

    time: int | None = None
    _at: float = 0.0  # monotonic s of `time`
    _lead_s: float = 0.0  # accepted difference from the gateway's time
    _first_doubted: tuple[int, float] = (0, 0.0)

    def __post_init__(self) -> None:
        self._doubts = Confirmation()

    def remember(self, time: int, at: float) -> None:
        """Start with the last time before a restart, which arrived at monotonic `at` (s)."""
        self.time, self._at = time, at

    def accept(self, reading: MeterReading, moment: Moment) -> bool:
        """Accept the reading's time; return whether the meter's clock was set back.

        Raises FrameRefused if the time is not plausible. A reading without a time, or with a
        degraded clock, proves nothing either way.
        """
        time = reading.time
        if time is None or reading.is_clock_degraded:
            return False
        fault = self._fault(time, moment)
        if fault and not self._is_confirmed(time, moment.monotonic):
            raise FrameRefused(RefusalReason.TIME, fault)
        self._doubts.clear()
        was_set_back = self.time is not None and time < self.time
        if moment.wall is not None:
            lead_s = time - moment.wall
            self._lead_s = 0.0 if abs(lead_s) <= TOLERANCE_S else lead_s
        self.time, self._at = time, moment.monotonic
        return was_set_back

    def _fault(self, time: int, moment: Moment) -> str:
        """Return what is wrong with `time`, empty if nothing is."""
        if moment.wall is not None:
            lead_s = time - moment.wall
            if abs(lead_s) > TOLERANCE_S and abs(lead_s - self._lead_s) > TOLERANCE_S:
                side = "ahead" if lead_s > 0 else "behind"
                return f"the meter's clock is {span(abs(lead_s))} {side}"
        if self.time is None:
            return ""
        leap_s = time - self.time
        if leap_s < 0 and not _was_wrong(self.time, time, moment.wall):
            return f"the reading is {span(-leap_s)} older than the last one"
        if moment.wall is None and leap_s - (moment.monotonic - self._at) > TOLERANCE_S:
            return f"the meter's clock leapt forward by {span(leap_s)}"
        return ""

    def _is_confirmed(self, time: int, now: float) -> bool:
        """Return whether the doubted times keep the pace of our clock for long enough.

        Repeated old frames keep that pace only while the meter itself is silent.
        """
        first, began_at = self._first_doubted
        agrees = abs((time - first) - (now - began_at)) <= PACE_TOLERANCE_S
        self._doubts.add(now, agrees=agrees)
        if self._doubts.count == 1:
            self._first_doubted = time, now
        return self._doubts.has(CONFIRMED, now)


def _was_wrong(last: int, time: int, wall: float | None) -> bool:
    """Return whether the `last` time was ahead of ours, `wall`, and the new `time` is right."""
    if wall is None or last - wall <= PACE_TOLERANCE_S:
        return False
    lead_s = abs(time - wall)
    return lead_s <= PACE_TOLERANCE_S or lead_s <= TOLERANCE_S < last - wall


def span(seconds: float) -> str:
    """Return a length of time in its two largest units: 40 s, 5 min, 3 h 30 min, 2 d 4 h."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    units = (("d", 86400), ("h", 3600), ("min", 60))
    parts: list[str] = []
    for unit, size in units:
        if whole >= size or parts:
            count, whole = divmod(whole, size)
            parts.append(f"{count} {unit}" if count else "")
    return " ".join(part for part in parts[:2] if part)
