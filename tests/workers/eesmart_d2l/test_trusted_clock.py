from hems.errors import Unavailable
from hems.workers.eesmart_d2l.trusted_clock import TrustedClock
from tests.fakes.time import FakeTime


def test_the_time_is_known_once_the_clock_was_set(lines: list[str]) -> None:
    machine = FakeTime(synchronised=False)
    clock = TrustedClock(machine, is_required=True)
    assert [clock.time() for _ in range(3)] == [None] * 3
    machine.synchronised = True
    assert clock.time() == machine.time()
    assert lines == [
        "WARNING the clock is not trusted, so meters get no answer: NTP has not set it",
        "INFO the clock has been set; the gateway answers meters",
    ]


def test_a_clock_that_was_set_stays_trusted_through_a_long_outage() -> None:
    machine = FakeTime(synchronised=True)
    clock = TrustedClock(machine, is_required=True)
    clock.time()
    machine.synchronised = False
    assert clock.now().wall == machine.time()


def test_a_clock_that_need_not_be_set_is_trusted(lines: list[str]) -> None:
    machine = FakeTime(synchronised=False)
    assert TrustedClock(machine, is_required=False).time() == machine.time()
    assert lines == []


def test_a_clock_of_unknown_state_is_not_trusted() -> None:
    class Mute(FakeTime):
        def is_synchronised(self) -> bool:
            raise Unavailable("no such call")

    assert TrustedClock(Mute(), is_required=True).time() is None
