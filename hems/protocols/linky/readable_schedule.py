"""Write a day's schedule as people read it, `00:00 index 1, 06:00 index 2`, and read it back."""

from __future__ import annotations

import re
from datetime import time
from functools import lru_cache

from hems.protocols.linky.packed_values import ScheduleSlot

SLOT = re.compile(r"([01]\d|2[0-3]):([0-5]\d) index (10|[1-9])\b", re.ASCII)


@lru_cache(maxsize=16)
def schedule_text(slots: tuple[ScheduleSlot, ...]) -> str | None:
    """Return the slots that set an index as text; None without any."""
    changes = (f"{slot.begins:%H:%M} index {slot.index}" for slot in slots if slot.index)
    return ", ".join(changes) or None


def slots(text: object) -> tuple[ScheduleSlot, ...]:
    """Return the slots of a text of `schedule_text`; none of anything else."""
    matches = SLOT.findall(text) if isinstance(text, str) else []
    return tuple(
        ScheduleSlot(time(int(hour), int(minute)), int(index)) for hour, minute, index in matches
    )
