"""Play a blink pattern on each of the three lamps, and compute when the next light changes."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hems.system.gpio import LampOutputs
from hems.workers.led.blink_patterns import OFF, play
from hems.workers.led.led_meaning import Lamp, LampDisplay


class LedPanel:
    """Plays a pattern on every lamp; sets a line only when its light changes."""

    def __init__(self, lamps: LampOutputs) -> None:
        self._lamps = lamps
        self._playing = {lamp: play(OFF, 0.0) for lamp in Lamp}
        self._lit = dict.fromkeys(Lamp, False)

    @property
    def due(self) -> float:
        """Return when (monotonic s) the next lamp changes, infinity if none does."""
        return min((playing.until for playing in self._playing.values()), default=math.inf)

    def show(self, displays: Mapping[Lamp, LampDisplay], now: float) -> None:
        """Start every pattern that is not playing yet, at monotonic `now` (s)."""
        for lamp, display in displays.items():
            if self._playing[lamp].pattern != display.pattern:
                self._playing[lamp] = play(display.pattern, now)

    def advance(self, now: float) -> None:
        """Switch every lamp to its light at monotonic `now` (s)."""
        for lamp, playing in self._playing.items():
            current = self._playing[lamp] = playing.at(now)
            if current.is_lit != self._lit[lamp]:
                self._lit[lamp] = current.is_lit
                self._lamps.set(lamp, is_lit=current.is_lit)
