from hems.errors import Unavailable
from hems.workers.eesmart_d2l.wall_clock import WallClock
from tests.fakes.time import FakeTime


def test_the_time_is_told_once_the_clock_was_set() -> None:
    machine = FakeTime(synchronised=False)
    clock = WallClock(machine, is_required=True)
    assert clock.time() is None
    machine.synchronised = True
    assert clock.time() == machine.time()


def test_a_clock_that_need_not_be_set_is_believed() -> None:
    machine = FakeTime(synchronised=False)
    assert WallClock(machine, is_required=False).time() == machine.time()


def test_a_machine_that_does_not_say_is_not_believed() -> None:
    class Mute(FakeTime):
        def is_synchronised(self) -> bool:
            raise Unavailable("no such call")

    assert WallClock(Mute(), is_required=True).time() is None
