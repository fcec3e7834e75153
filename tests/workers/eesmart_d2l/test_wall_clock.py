from hems.errors import Unavailable
from hems.workers.eesmart_d2l.wall_clock import WallClock
from tests.fakes.time import FakeTime


def test_the_time_is_told_once_the_clock_was_set(lines: list[str]) -> None:
    machine = FakeTime(synchronised=False)
    clock = WallClock(machine, is_required=True)
    assert [clock.time() for _ in range(3)] == [None] * 3
    machine.synchronised = True
    assert clock.time() == machine.time()
    assert lines == [
        "WARNING the clock is not trusted, so meters get no answer: NTP has not set it",
        "INFO the clock has been set: meters get answers",
    ]


def test_a_clock_that_was_set_stays_trusted_through_a_long_outage() -> None:
    machine = FakeTime(synchronised=True)
    clock = WallClock(machine, is_required=True)
    clock.time()
    machine.synchronised = False
    assert clock.now().wall == machine.time()


def test_a_clock_that_need_not_be_set_is_believed(lines: list[str]) -> None:
    machine = FakeTime(synchronised=False)
    assert WallClock(machine, is_required=False).time() == machine.time()
    assert lines == []


def test_a_machine_that_does_not_say_is_not_believed() -> None:
    class Mute(FakeTime):
        def is_synchronised(self) -> bool:
            raise Unavailable("no such call")

    assert WallClock(Mute(), is_required=True).time() is None
