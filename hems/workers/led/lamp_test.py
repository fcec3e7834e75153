"""Let all lamps blink for a while because a person wants to see them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from loguru import logger

from hems.system.user_command_file import CommandReader
from hems.workers.led.blink_patterns import FAST_BLINK
from hems.workers.led.led_meaning import Lamp, LampDisplay

BLINKING_S = 10.0
BLINKING = dict.fromkeys(Lamp, LampDisplay(FAST_BLINK, "a person wants to see the lamps"))


class LampTest:
    """What the lamps show for BLINKING_S seconds after the command."""

    def __init__(self, commands: CommandReader) -> None:
        self._commands = commands
        self._until = -math.inf

    def displays(self, now: float) -> Mapping[Lamp, LampDisplay] | None:
        """Return what the lamps show at monotonic `now` (s), None for what they mean."""
        if self._commands.take(now):
            logger.info("all lamps blink for {:g} s", BLINKING_S)
            self._until = now + BLINKING_S
        return BLINKING if now < self._until else None
