from hems.settings import doors
from hems.settings.doors import DOORS


def test_the_file_says_which_doors_are_open() -> None:
    lines = ["include doors/1883.conf;", "include doors/8123.conf;"]
    assert doors.text([8123, 1883]).splitlines()[1:] == lines
    assert doors.opened(doors.text([8123, 1883])) == [1883, 8123]
    assert doors.opened(doors.text([])) == []
    assert doors.opened("# include doors/1.conf;\ninclude doors/x.conf;\n") == []


def test_a_few_doors_are_always_open() -> None:
    assert {door.port for door in DOORS if not door.opened_by} == {80, 443, 7845, 8883}
    assert len({door.port for door in DOORS}) == len(DOORS)
    assert all(door.per_address < door.at_most for door in DOORS)
