"""What is known of one Linky, and what of a new reading may be believed.

There is no counter in the protocol, so an old frame can be sent again: a reading whose
time lies before the last one's is refused, and so is a first one whose time is not the
gateway's. An index that decreased, or jumped by more than any meter can carry, is held
at its last good value, or Home Assistant would record a reset of the total. So that
neither lasts for ever: a clock, and an index after a jump, are believed once CONFIRMED
readings in a row agree with each other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hems.protocols.linky import Reading
from hems.workers.eesmart_d2l.refusals import Reason, Refused
from hems.workers.eesmart_d2l.wall_clock import Moment

CONFIRMED = 5
PACE_TOLERANCE_S = 60.0  # between the meter's clock and ours, from one reading to the next
CLOCK_TOLERANCE_S = 3600.0  # of a first reading, from the gateway's time
MAX_POWER_W = 250_000.0  # the largest Linky is made for 36 kVA
MAX_JUMP_WH = 1_000  # beside what MAX_POWER_W allows: two readings of one second
POWER_WINDOW_S = 600.0
POWER_STEP_W = 20.0  # wanted resolution of the estimate, or 5 % of it
POWER_STEP_RATIO = 0.05
REMEMBERED_TOTALS = 128
SECONDS_PER_HOUR = 3600.0
TOTAL = "energy_total"  # kept like an index; in HISTORIQUE it is the sum of the tariff's


@dataclass(frozen=True)
class Accepted:
    """A reading that may be published.

    `held` has the last good value (Wh) of each index that was not believed; `power_w`
    is the estimate from index differences, None while there is nothing to compare.
    """

    reading: Reading
    held: Mapping[str, int]
    power_w: float | None


class Meter:
    """Accepts the readings of one device, in order."""

    def __init__(self) -> None:
        self._clock = MeterClock()
        self._nature: tuple[str, str] | None = None  # which meter, which tariff calendar
        self._indexes: dict[str, Index] = {}
        self._totals: deque[tuple[float, int]] = deque(maxlen=REMEMBERED_TOTALS)

    def accept(self, reading: Reading, moment: Moment) -> Accepted:
        """Check `reading`, which came at `moment`, against what is known and remember it.

        Raises Refused if the reading's time cannot be believed.
        """
        if self._clock.check(reading, moment):
            self._totals.clear()
        nature = reading.identity, reading.tariff_calendar
        if self._nature not in (None, nature):  # indexes may start anew then
            self._totals.clear()
            self._indexes.clear()
        self._nature = nature
        held = self._hold(reading, moment.monotonic)
        if reading.time is not None and reading.total_wh is not None and TOTAL not in held:
            self._totals.append((reading.time, reading.total_wh))
        return Accepted(reading, held, estimated_power(self._totals))

    def _hold(self, reading: Reading, now: float) -> dict[str, int]:
        """Remember the believable indexes; return the last good value of the others."""
        found = dict(reading.indexes)
        if reading.total_wh is not None:
            found[TOTAL] = reading.total_wh
        held = {}
        for label, value in found.items():
            index = self._indexes.setdefault(label, Index(value, now))
            if not index.believe(value, now):
                held[label] = index.value
        return held


class MeterClock:
    """The time a meter tells, as far as it is believed."""

    def __init__(self) -> None:
        self._time: int | None = None  # of the last reading that was believed
        self._doubted: tuple[int, float] | None = None  # a time, and when it was told
        self._doubts = 0

    def check(self, reading: Reading, moment: Moment) -> bool:
        """Believe the reading's time, or raise Refused; tell whether the clock was set back.

        A reading without a time, or with a degraded clock, proves nothing either way.
        """
        time = reading.time
        if time is None or reading.is_clock_degraded:
            return False
        doubt = self._doubt(time, moment)
        if doubt and not self._confirms(time, moment.monotonic):
            raise Refused(Reason.TIME, doubt)
        self._doubted, self._doubts = None, 0
        was_set_back = self._time is not None and time < self._time
        self._time = time
        return was_set_back

    def _doubt(self, time: int, moment: Moment) -> str:
        """Return why `time` is not to be believed at once, empty if it is."""
        if self._time is not None:
            back = self._time - time
            return f"{back} s before the reading that was last accepted" if back > 0 else ""
        if moment.wall is not None and abs(time - moment.wall) > CLOCK_TOLERANCE_S:
            return f"{time - moment.wall:+.0f} s from the gateway's time"
        return ""

    def _confirms(self, time: int, now: float) -> bool:
        """Tell whether this is the last of CONFIRMED doubted times that went on as ours does.

        Old frames sent again do so only together with silence of the meter itself.
        """
        goes_on = False
        if self._doubted is not None:
            pace = (time - self._doubted[0]) - (now - self._doubted[1])
            goes_on = abs(pace) <= PACE_TOLERANCE_S
        self._doubted = time, now
        self._doubts = self._doubts + 1 if goes_on else 1
        return self._doubts >= CONFIRMED


@dataclass
class Index:
    """One register: the last value (Wh) that was believed, and when (monotonic s)."""

    value: int
    believed_at: float
    _doubted: int = 0
    _doubts: int = 0

    def believe(self, value: int, now: float) -> bool:
        """Take `value` if the meter can have counted that far since, else tell that not."""
        most = MAX_JUMP_WH + (now - self.believed_at) * MAX_POWER_W / SECONDS_PER_HOUR
        if not 0 <= value - self.value <= most and not self._is_confirmed(value):
            return False
        self.value, self.believed_at, self._doubts = value, now, 0
        return True

    def _is_confirmed(self, value: int) -> bool:
        """Tell whether this is the last of CONFIRMED jumps to about the same value."""
        if value < self.value:
            self._doubts = 0
            return False
        goes_on = self._doubts and 0 <= value - self._doubted <= MAX_JUMP_WH
        self._doubted = value
        self._doubts = self._doubts + 1 if goes_on else 1
        return self._doubts >= CONFIRMED


def estimated_power(totals: Sequence[tuple[float, int]]) -> float | None:
    """Return the mean power (W) over the last of `totals`, (unix seconds, Wh), oldest first.

    An index counts whole Wh, so a short span is coarse: 1 Wh in a minute is 60 W. The
    span is the shortest that resolves the estimate to 5 %, or 20 W if that is more. None
    while there is no such span within POWER_WINDOW_S.
    """
    for time, total in list(totals)[-2::-1]:
        span = totals[-1][0] - time
        if span > POWER_WINDOW_S:
            break
        if span <= 0:
            continue
        power = (totals[-1][1] - total) * SECONDS_PER_HOUR / span
        if span * max(POWER_STEP_W, POWER_STEP_RATIO * power) >= SECONDS_PER_HOUR:
            return power
    return None
