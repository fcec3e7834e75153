"""Compute the total of a delivery point: one number of Wh that never falls and never jumps.

The total is what a source has counted, plus an offset. The source is EAST, or the sum of the
registers of one tariff option of HISTORIQUE. The registers in the frames decide which source
counts, not the name of the calendar:

- While the source's registers go on, the total grows with them. Counting modulo 10^9 continues
  through a roll-over.
- When another source takes its place with a value that continues the last one, the total follows
  at once. This happens when the output changes from HISTORIQUE to STANDARD.
- The same source with a value a little below the last one had shown a small wrong digit: the total
  waits until the source has caught up.
- The same source with a value that only the meter's clock explains counts once it is confirmed: the
  gateway's clock is not trusted right after a power cut.
- Any other change (BASE as the meter's totaliser, registers that start again, another meter) gets a
  new offset once two consistent frames have shown the new values. The total grows by what the
  meter counted between these frames, and by an estimate of what it counted between the last good
  frame and the first new one: the mean power of the last minutes, or nothing if more than GAP_S
  passed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hems.workers.eesmart_d2l.energy_register import GAP_S, ROLL_OVER, Limit, Stamp
from hems.workers.eesmart_d2l.total_source import Labels, RegisterFrame, SourceValue, Total

TRUSTED_S = 3600.0  # for which another source may have counted at full power
MEAN_SHARE = 0.1  # of full power, over a longer time: a home's mean is about 5 %
REMEMBERED = 16  # totals, for the mean power


@dataclass(frozen=True, slots=True)
class Trace:
    """Values that do not continue the total, but follow from one another."""

    source: Labels
    value: int
    begun_at: Stamp
    at: Stamp
    growth: int = 0


class EnergyTotal:
    """The total of one delivery point."""

    def __init__(self) -> None:
        self._last: Total | None = None
        self._at = Stamp(0.0, None)
        self._power_w: float | None = None
        self._trace: Trace | None = None
        self._recent: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)

    def remember(self, total: Total, at: float, power_w: float | None) -> None:
        """Start with a total of the time `at` (monotonic s).

        `power_w` is the mean power then, None if it is unknown.
        """
        self._last, self._at, self._power_w = total, Stamp(at, total.at), power_w

    def date(self, believed: float, at: float) -> None:
        """Correct the time of the total from `believed` to `at` (monotonic s)."""
        if self._at.monotonic == believed:
            self._at = Stamp(at, self._at.meter)

    def take(self, frame: RegisterFrame) -> Total | None:
        """Return the total after `frame`, None while no frame has had a source."""
        last = self._last
        newest = frame.counting() if last is None else frame.following(last.source)
        if newest is None:
            return last
        if last is None:
            self._set(newest.labels, newest.wh, newest.wh, frame.limit.at)
        elif _is_a_little_behind(last, newest, frame.limit):
            self._trace = None
        elif not newest.is_held and self._continues(last, newest, frame.limit):
            total = last.total + _growth(last.value, newest)
            self._set(newest.labels, newest.wh, total, frame.limit.at)
        else:
            self._follow(last, newest, frame)
        return self._last

    def go_on(self, growth: Mapping[str, int], before: Stamp, at: Stamp) -> Total | None:
        """Return the total after a frame of the time `at` whose registers raise no doubt.

        `growth` (Wh): by label, since the frame of the time `before`. Return None if there may be a
        doubt: `take` then judges the frame.
        """
        last = self._last
        if last is None or self._at is not before or not last.value:
            return None
        grown = growth.get(last.source[0])
        if grown is None:
            return None
        for label in last.source[1:]:
            other = growth.get(label, 0)
            if grown and other:  # together they may have counted more than the meter can carry
                return None
            grown += other
        self._set(last.source, last.value + grown, last.total + grown, at)
        return self._last

    def _continues(self, last: Total, newest: SourceValue, limit: Limit) -> bool:
        """Return whether the total can have grown to `newest` since the last one."""
        growth = _growth(last.value, newest)
        if newest.labels == last.source:
            return limit.allows(growth, since=self._at)
        elapsed_s = limit.at.seconds_since(self._at)
        longer_s = max(0.0, elapsed_s - TRUSTED_S)
        mean_wh = MEAN_SHARE * (limit.most(longer_s) - limit.most(0.0))
        return growth <= limit.most(min(elapsed_s, TRUSTED_S)) + mean_wh

    def _follow(self, last: Total, newest: SourceValue, frame: RegisterFrame) -> None:
        """Take a value that does not continue the total: it counts once it goes on itself.

        Zeros count once they grow: they may be those of a bad site, after which the true values
        come back.
        """
        trace = self._trace
        if trace is None or not _goes_on(trace, newest, frame):
            self._trace = Trace(newest.labels, newest.wh, frame.limit.at, frame.limit.at)
            return
        growth = trace.growth + _growth(trace.value, newest)
        self._trace = replace(trace, value=newest.wh, at=frame.limit.at, growth=growth)
        if newest.wh and not newest.is_held:
            counted = self._after_absence_wh(last, newest, frame.limit)
            if counted is None:
                counted = self._gap_wh(trace, frame) + growth
            self._set(newest.labels, newest.wh, last.total + counted, frame.limit.at)

    def _after_absence_wh(self, last: Total, newest: SourceValue, limit: Limit) -> int | None:
        """Return what the same source counted in a time that only the meter's clock knows.

        After a power cut the gateway's clock may not be trusted yet. None if it was not that.
        """
        begin, end, growth = self._at.meter, limit.at.meter, _growth(last.value, newest)
        if newest.labels != last.source or begin is None or end is None:
            return None
        return growth if growth <= limit.most(max(0, end - begin)) else None

    def _gap_wh(self, trace: Trace, frame: RegisterFrame) -> int:
        """Return the estimated energy between the last total and the first value of `trace`."""
        begin, end = self._at.meter, trace.begun_at.meter
        if begin is None or end is None or not 0 <= end - begin <= GAP_S:
            return 0
        gap_s = end - begin
        return round(min(self._mean_power_w() * gap_s / 3600, frame.limit.most(gap_s)))

    def _mean_power_w(self) -> float:
        if len(self._recent) < 2:
            return self._power_w or 0.0
        (begin, first), (end, last) = self._recent[0], self._recent[-1]
        return (last - first) * 3600 / (end - begin)

    def _set(self, source: Labels, value: int, total: int, at: Stamp) -> None:
        self._at = at
        self._last = Total(source, value, total, at.meter)
        self._trace = None
        if at.meter is not None:
            self._remember(at.meter, total)

    def _remember(self, time: int, total: int) -> None:
        """Keep the totals of the last GAP_S, and none from before the clock was set back."""
        recent = self._recent
        if recent and time <= recent[-1][0]:
            recent.clear()
        recent.append((time, total))
        while time - recent[0][0] > GAP_S:
            recent.popleft()


def _growth(value: int, newest: SourceValue) -> int:
    """Return what was counted since `value` (Wh), also if a register began again at zero."""
    return (newest.wh - value) % ROLL_OVER


def _is_a_little_behind(last: Total, newest: SourceValue, limit: Limit) -> bool:
    """Return whether the total's own source is below its last value by what it soon counts.

    A small wrong digit was counted; the total waits until the source has caught up.
    """
    behind_wh = last.value - newest.wh
    return behind_wh > 0 and newest.labels == last.source and behind_wh <= limit.most(GAP_S)


def _goes_on(trace: Trace, newest: SourceValue, frame: RegisterFrame) -> bool:
    growth = _growth(trace.value, newest)
    return trace.source == newest.labels and frame.limit.allows(growth, since=trace.at)
