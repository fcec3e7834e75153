from datetime import time

import pytest

from hems.protocols.linky.packed_values import ScheduleSlot, schedule
from hems.protocols.linky.readable_schedule import schedule_text, slots


def test_a_schedule_is_text_and_back() -> None:
    text = schedule_text(schedule("0000C001 01004000 0630800A 22008003 NONUTILE"))
    assert text == "00:00 index 1, 06:30 index 10, 22:00 index 3"
    assert slots(text) == (
        ScheduleSlot(time(0), 1),
        ScheduleSlot(time(6, 30), 10),
        ScheduleSlot(time(22), 3),
    )


@pytest.mark.parametrize("text", ["", None, 5, "24:00 index 1", "06:60 index 1", "06:00 index 11"])
def test_anything_else_has_no_slots(text: object) -> None:
    assert slots(text) == ()
    assert schedule_text(()) is None
