"""Judge the values of one energy register of a meter: what it can have counted, and what not.

A value is accepted at once if the meter can have counted that far since the last good one. Any
other value is doubted, for a reason in words. It is accepted after several readings that agree
with each other, spread over minutes of the gateway's own clock, whether it is higher or lower: a
meter can be replaced, and a supplier's registers can begin again. Bad sites send zero or another
register's value for minutes, so these need half an hour, unless they grow. A roll-over needs only
a few readings, because it continues the count.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from hems.workers.eesmart_d2l.confirmation import CONFIRMED, Confirmation, Evidence

ROLL_OVER = 10**9  # an index has nine digits
NEARLY_FULL = ROLL_OVER // 10 * 9
MOST_TRUSTED_LEAD_S = 3600.0  # by which the meter's clock may be ahead of ours
RESET_RATIO = 0.9  # below it Home Assistant counts a total_increasing from zero again
REMEMBERED = 16  # good values before the last one; one that stays counts once
FIRST = Evidence(2, 0.0)  # values of a register that was not there before
ROLLED_OVER = Evidence(3, 0.0)
LONG_S = 3600.0
GAP_S = 600.0  # what a meter counts in it may be wrong: the total waits, or estimates it
UNLIKELY = Evidence(30, 1800.0)  # zeros, and copies of another register


class Stamp(msgspec.Struct, frozen=True):
    """When a value was read: monotonic s of the gateway, and unix s of the meter's clock."""

    monotonic: float
    meter: int | None

    def seconds_since(self, earlier: Stamp) -> float:
        """Return the elapsed time: the gateway's, or the meter's if that is longer and plausible.

        A frame can wait on its way, so the meter's time counts too, but its clock alone may not
        add more than MOST_TRUSTED_LEAD_S.
        """
        own = self.monotonic - earlier.monotonic
        if own < 0:
            own = 0.0
        if self.meter is None or earlier.meter is None:
            return own
        by_meter = self.meter - earlier.meter
        return own if by_meter <= own else min(by_meter, own + MOST_TRUSTED_LEAD_S)


class Limit(msgspec.Struct, frozen=True):
    """The time of a frame, and the most (Wh) that the register can count in some seconds."""

    at: Stamp
    most: Callable[[float], float]

    def allows(self, rise: int, since: Stamp) -> bool:
        """Return whether the register can have counted `rise` after the time `since`."""
        return rise <= self.most(self.at.seconds_since(since))


@dataclass(frozen=True)
class Doubt:
    """Why a value is not accepted at once, in words, and what it takes to accept it.

    `continues`: once accepted, it is the same count as before.
    """

    reason: str
    evidence: Evidence | None  # None: never
    continues: bool = False


NEW = Doubt("it was not there before", FIRST)
NOTHING = Doubt("it has never counted", UNLIKELY)  # a zero that is followed by megawatt-hours
FIRST_VALUES = (NEW, NOTHING)


@dataclass
class EnergyRegister:
    """One register. `value` is the last good one (Wh or VArh), None before the first."""

    value: int | None = None
    at: Stamp = field(default_factory=lambda: Stamp(0.0, None))
    _has_counted: bool = field(default=False, init=False)
    _earlier: deque[int] = field(default_factory=lambda: deque(maxlen=REMEMBERED), init=False)
    _first_doubted: int = field(default=0, init=False)
    _doubted: int = field(default=0, init=False)
    _doubted_at: Stamp = field(default_factory=lambda: Stamp(0.0, None), init=False)
    _doubts: Confirmation = field(default_factory=Confirmation, init=False)

    def doubt(self, value: int, limit: Limit) -> Doubt | None:
        """Return why the register cannot have reached `value`, None if it can."""
        if value >= ROLL_OVER:
            return Doubt(f"{value} has more than nine digits", None)
        last = self.value
        if last is None:
            return NEW
        if value < last or not limit.allows(value - last, self.at):
            return self._jump(value, last, limit)
        if value - last > limit.most(GAP_S):  # a wrong digit would be possible too
            reason = f"{value} is {value - last} above {last}, after a silence"
            return Doubt(reason, FIRST, continues=True)
        return None

    def _jump(self, value: int, last: int, limit: Limit) -> Doubt:
        """Return what is wrong with a `value` that the register cannot have counted."""
        if value > last:
            return Doubt(f"{value} is {value - last} above {last}, more than possible", CONFIRMED)
        if last >= NEARLY_FULL and limit.allows((value - last) % ROLL_OVER, self.at):
            return Doubt(f"{value} after {last}: it may roll over", ROLLED_OVER, continues=True)
        if not value:
            return Doubt(f"zero after {last}", UNLIKELY)
        return Doubt(f"{value} is below {last}", CONFIRMED)

    def accept(self, value: int, at: Stamp) -> int:
        """Take `value`; return how much the register has counted since the last good one."""
        counted = 0 if self.value is None else (value - self.value) % ROLL_OVER
        self._take(value, at)
        return counted

    def go_on(self, value: int, at: Stamp) -> None:
        """Take a `value` above the last good one while there is no doubt."""
        self._earlier.append(self.value or 0)
        self.value, self.at = value, at

    def correct(self, value: int, at: Stamp) -> int:
        """Take `value`, which other registers prove, instead of a doubted one; return the rise."""
        counted = value - (self.value or 0)
        self._move(value, at)
        return counted

    def confirm(self, value: int, limit: Limit, doubt: Doubt) -> int | None:
        """Count a doubted value; take it and return what was counted once it is confirmed.

        Return None before. What the register counted before the first of the doubted values is not
        known, except after a roll-over and after a wrong value that was too high.
        """
        at, growth = limit.at, (value - self._doubted) % ROLL_OVER
        self._doubts.add(at.monotonic, agrees=limit.allows(growth, self._doubted_at))
        if self._doubts.count == 1:
            self._first_doubted = value
        self._doubted, self._doubted_at = value, at
        if not self._is_confirmed(value, at.monotonic, doubt):
            return None
        counted = (value - self._first_doubted) % ROLL_OVER
        if self.value is not None and doubt.continues:
            counted = (value - self.value) % ROLL_OVER
        elif self.value is not None and self._goes_back_to(value):
            counted = value - self.value
        has_counted = bool(self.value) or self._has_counted
        self._take(value, at)
        self._earlier.clear()
        if not value and has_counted:  # unknown: it may come back, which would count it again
            self.value, self._has_counted = None, True
            return None
        return counted

    def _is_confirmed(self, value: int, now: float, doubt: Doubt) -> bool:
        if doubt.evidence is None or not self._doubts.has(doubt.evidence, now):
            return False
        if doubt.evidence is ROLLED_OVER and value == self._first_doubted:
            return False
        if self.value is None:
            return bool(value) or not self._has_counted
        return not self._goes_back_to(value) or value >= RESET_RATIO * self.value

    def _goes_back_to(self, value: int) -> bool:
        """Return whether a fall to `value` continues what was before a wrong value."""
        return bool(self._earlier) and self._earlier[0] <= value < (self.value or 0)

    def _take(self, value: int, at: Stamp) -> None:
        self._move(value, at)
        self._doubts.clear()

    def _move(self, value: int, at: Stamp) -> None:
        if self.value is not None and self.value != value:
            self._earlier.append(self.value)
        self.value, self.at = value, at
