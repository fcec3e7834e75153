"""The three lamps in time: what is shown on each, and when that changes next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

from hems.workers.led.meaning import Lamp, Shown
from hems.workers.led.patterns import OFF, play


class Lamps(Protocol):
    """hems.system.gpio.Lamps: an LED on each line, dark at first and when closed."""

    def set(self, line: int, *, is_lit: bool) -> None: ...
    def close(self) -> None: ...


class Panel:
    """Plays a pattern on every lamp; touches a line only when its light changes."""

    def __init__(self, lamps: Lamps) -> None:
        self._lamps = lamps
        self._playing = {lamp: play(OFF, 0.0) for lamp in Lamp}
        self._lit = dict.fromkeys(Lamp, False)

    @property
    def due(self) -> float:
        """Return when (monotonic s) the next lamp changes, infinity if none does."""
        return min((one.until for one in self._playing.values()), default=math.inf)

    def show(self, shown: Mapping[Lamp, Shown], now: float) -> None:
        """Begin every pattern that is not played already, at monotonic `now` (s)."""
        for lamp, one in shown.items():
            if self._playing[lamp].pattern != one.pattern:
                self._playing[lamp] = play(one.pattern, now)

    def advance(self, now: float) -> None:
        """Bring every lamp to what it shows at monotonic `now` (s)."""
        for lamp, playing in self._playing.items():
            current = self._playing[lamp] = playing.at(now)
            if current.is_lit != self._lit[lamp]:
                self._lit[lamp] = current.is_lit
                self._lamps.set(lamp, is_lit=current.is_lit)
