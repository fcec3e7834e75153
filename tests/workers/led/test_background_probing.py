from concurrent.futures import Executor

import pytest

from hems.protocols.gateway.watchdog_report import Internet
from hems.workers.led.led_meaning import HomeAssistantState, PeerStatus
from hems.workers.led.status_probes import STUCK_S, BackgroundProbing
from tests.fakes.led import Immediately, Never


class Counting:
    def __init__(self) -> None:
        self.looks = 0

    def look(self) -> PeerStatus:
        self.looks += 1
        return PeerStatus(HomeAssistantState.ANSWERS, Internet.ONLINE, problems=(str(self.looks),))


@pytest.fixture
def counting() -> Counting:
    return Counting()


def probing(counting: Counting, background: Executor) -> BackgroundProbing:
    return BackgroundProbing(counting.look, 10.0, background)


def test_a_round_of_probes_begins_every_interval(counting: Counting) -> None:
    probing_ = probing(counting, Immediately())
    looks = []
    for now in range(100, 131):
        probing_.advance(float(now))
        looks.append(counting.looks)
    assert looks == [1] * 10 + [2] * 10 + [3] * 10 + [4]


def test_the_newest_result_is_kept(counting: Counting) -> None:
    probing_ = probing(counting, Immediately())
    assert probing_.newest is None
    for now in (100.0, 101.0, 110.0, 111.0):
        probing_.advance(now)
    assert probing_.newest is not None
    assert probing_.newest.problems == ("2",)


def test_one_round_of_probes_runs_at_a_time(counting: Counting) -> None:
    submitted = []

    class Counted(Never):
        def submit(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            submitted.append(args)
            return super().submit(*args, **kwargs)

    probing_ = probing(counting, Counted())
    for now in range(100, 1000):
        probing_.advance(float(now))
    assert len(submitted) == 1


def test_a_round_of_probes_that_never_ends_is_stuck(counting: Counting) -> None:
    probing_ = probing(counting, Never())
    probing_.advance(100.0)
    assert not probing_.is_stuck(100.0 + STUCK_S)
    assert probing_.is_stuck(100.1 + STUCK_S)


def test_between_two_rounds_of_probes_nothing_is_stuck(counting: Counting) -> None:
    probing_ = BackgroundProbing(counting.look, 3600.0, Immediately())
    probing_.advance(100.0)
    probing_.advance(101.0)
    assert not probing_.is_stuck(3000.0)


def test_a_bug_in_a_probe_is_raised() -> None:
    def look() -> PeerStatus:
        raise KeyError("bug")

    probing_ = BackgroundProbing(look, 10.0, Immediately())
    probing_.advance(100.0)
    with pytest.raises(KeyError):
        probing_.advance(101.0)
