from hypothesis import given
from hypothesis import strategies as st

from hems.workers.iptables_init.allowance import Allowance


def test_a_minutes_worth_may_be_spent_at_once() -> None:
    allowance = Allowance(3)
    assert [allowance.spend(100.0) for _ in range(4)] == [True, True, True, False]


def test_it_comes_back_one_by_one() -> None:
    allowance = Allowance(3)
    for _ in range(3):
        allowance.spend(100.0)
    assert not allowance.spend(119.0)
    assert allowance.spend(120.0)
    assert not allowance.spend(120.0)


def test_it_is_full_again_after_a_quiet_minute() -> None:
    allowance = Allowance(3)
    for _ in range(3):
        allowance.spend(100.0)
    assert not allowance.is_full(159.0)
    assert allowance.is_full(160.0)


@given(st.lists(st.floats(0, 30), max_size=200), st.integers(1, 20))
def test_no_sequence_gets_more_than_burst_and_rate(pauses: list[float], per_minute: int) -> None:
    allowance, now, granted = Allowance(per_minute), 0.0, 0
    for pause in pauses:
        now += pause
        granted += allowance.spend(now)
    assert granted <= per_minute + now * per_minute / 60 + 1e-6
