"""Blink patterns as values: no lamp has a thread or a timer of its own.

A player of several patterns waits until the earliest `until`, then gets the light of each one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

SHORT_S, GAP_S, PAUSE_S = 0.15, 0.25, 1.25


@dataclass(frozen=True)
class Pattern:
    """What a lamp repeats: `seconds` lit, dark, lit, dark … or a single endless step."""

    name: str
    seconds: tuple[float, ...]
    begins_lit: bool = True

    @property
    def period_s(self) -> float:
        return sum(self.seconds)


def blinks(name: str, count: int) -> Pattern:
    """Return `count` short blinks and a pause that shows where the count begins."""
    return Pattern(name, (SHORT_S, GAP_S) * (count - 1) + (SHORT_S, PAUSE_S))


SOLID = Pattern("solid", (math.inf,))
OFF = Pattern("off", (math.inf,), begins_lit=False)
DOUBLE_BLINK = blinks("double blink", 2)
FOUR_BLINKS = blinks("four blinks", 4)
FAST_BLINK = Pattern("fast blink", (0.125, 0.125))


@dataclass(frozen=True)
class PlayingPattern:
    """A pattern at its step number `step`, which lasts until monotonic `until` (s)."""

    pattern: Pattern
    step: int
    until: float

    @property
    def is_lit(self) -> bool:
        return self.pattern.begins_lit == (self.step % 2 == 0)

    def at(self, now: float) -> PlayingPattern:
        """Return the pattern at `now` (s), which is not before the last call's.

        Steps that have passed are skipped; after a pause of more than a period, such as a
        machine's sleep, the pattern starts again.
        """
        if now - self.until > self.pattern.period_s:
            return play(self.pattern, now)
        playing = self
        while playing.until <= now:
            step = (playing.step + 1) % len(playing.pattern.seconds)
            until = playing.until + playing.pattern.seconds[step]
            playing = replace(playing, step=step, until=until)
        return playing


def play(pattern: Pattern, now: float) -> PlayingPattern:
    """Start `pattern` at monotonic `now` (s)."""
    return PlayingPattern(pattern, 0, now + pattern.seconds[0])
