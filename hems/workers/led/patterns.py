"""Light patterns as values, and one in time: no lamp has a thread or a timer of its own.

Whoever plays several waits until the earliest `until` and asks each for what is shown then.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

SHORT_S, GAP_S, PAUSE_S = 0.15, 0.25, 1.25


@dataclass(frozen=True)
class Pattern:
    """What a lamp repeats: `seconds` lit, dark, lit, dark … or a single value for ever."""

    name: str
    seconds: tuple[float, ...]
    begins_lit: bool = True

    @property
    def period_s(self) -> float:
        return sum(self.seconds)


def blinks(name: str, count: int) -> Pattern:
    """Return `count` short blinks and a pause that tells where the count begins."""
    return Pattern(name, (SHORT_S, GAP_S) * (count - 1) + (SHORT_S, PAUSE_S))


SOLID = Pattern("solid", (math.inf,))
OFF = Pattern("off", (math.inf,), begins_lit=False)
DOUBLE_BLINK = blinks("double blink", 2)
FOUR_BLINKS = blinks("four blinks", 4)
FAST_BLINK = Pattern("fast blink", (0.125, 0.125))


@dataclass(frozen=True)
class Playing:
    """A pattern in time: its step number `step` is shown until monotonic `until` (s)."""

    pattern: Pattern
    step: int
    until: float

    @property
    def is_lit(self) -> bool:
        return self.pattern.begins_lit == (self.step % 2 == 0)

    def at(self, now: float) -> Playing:
        """Return what is shown at `now` (s), which is not before the last call's.

        Steps that were slept through are passed over; a machine that stood still for more
        than a period begins the pattern anew.
        """
        if now - self.until > self.pattern.period_s:
            return play(self.pattern, now)
        playing = self
        while playing.until <= now:
            step = (playing.step + 1) % len(playing.pattern.seconds)
            until = playing.until + playing.pattern.seconds[step]
            playing = replace(playing, step=step, until=until)
        return playing


def play(pattern: Pattern, now: float) -> Playing:
    """Begin `pattern` at monotonic `now` (s)."""
    return Playing(pattern, 0, now + pattern.seconds[0])
