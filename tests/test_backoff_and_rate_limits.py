import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.backoff_and_rate_limits import Backoff, TokenBucket


def test_the_delay_doubles_with_each_failure_up_to_the_longest() -> None:
    backoff = Backoff(first_s=5, longest_s=60)
    assert [backoff.fail() for _ in range(6)] == [5, 10, 20, 40, 60, 60]


def test_the_delay_grows_by_the_factor() -> None:
    backoff = Backoff(first_s=1, longest_s=1000, factor=3)
    assert [backoff.fail() for _ in range(4)] == [1, 3, 9, 27]


def test_after_every_reset_the_delays_start_again() -> None:
    backoff = Backoff(first_s=5, longest_s=60)
    for _ in range(3):
        assert [backoff.fail(), backoff.fail(), backoff.fail()] == [5, 10, 20]
        backoff.reset()
        assert backoff.failures == 0


def test_failures_in_a_row_are_counted() -> None:
    backoff = Backoff(first_s=5, longest_s=60)
    assert backoff.failures == 0
    for failures in (1, 2, 3):
        backoff.fail()
        assert backoff.failures == failures


def test_a_delay_can_be_read_without_a_failure() -> None:
    backoff = Backoff(first_s=5, longest_s=60)
    assert [backoff.delay_s(failures) for failures in (1, 2, 5)] == [5, 10, 60]
    assert backoff.failures == 0


def test_the_next_delay_can_be_read_before_its_failure() -> None:
    backoff = Backoff(1.0, 60.0)
    for _ in range(2):
        for _ in range(8):
            next_s = backoff.next_s
            assert backoff.fail() == next_s
        backoff.reset()


@pytest.mark.parametrize("failures", [63, 100, 1024, 1025, 1_000_000])
def test_failures_without_end_overflow_nothing(failures: int) -> None:
    backoff = Backoff(first_s=1.0, longest_s=1e30)
    assert backoff.delay_s(failures) == min(2.0 ** min(failures - 1, 100), 1e30)


@given(first_s=st.floats(0.001, 1e3), longest_s=st.floats(0.001, 1e6), factor=st.floats(1, 10))
def test_no_delay_is_shorter_than_the_one_before_or_longer_than_the_longest(
    first_s: float, longest_s: float, factor: float
) -> None:
    backoff = Backoff(first_s, longest_s, factor)
    delays = [backoff.fail() for _ in range(100)]
    assert delays == sorted(delays)
    assert delays[0] == min(first_s, longest_s)
    assert max(delays) <= longest_s


@pytest.mark.parametrize("now", [0.0, 3.0, 1e6])
def test_a_new_bucket_is_full_even_on_a_machine_that_was_just_booted(now: float) -> None:
    bucket = TokenBucket(per_minute=3)
    assert bucket.is_full(now)
    assert [bucket.take(now) for _ in range(4)] == [True, True, True, False]


def test_a_bucket_with_one_token_taken_is_not_full_until_it_is_refilled() -> None:
    bucket = TokenBucket(per_minute=6)  # one every 10 s
    for start in (100.0, 200.0):
        assert bucket.take(start)
        assert not bucket.is_full(start)
        assert not bucket.is_full(start + 9.99)
        assert bucket.is_full(start + 10)


def test_an_empty_bucket_has_the_next_token_exactly_when_it_is_due() -> None:
    bucket = TokenBucket(per_minute=6)  # one every 10 s
    now = 1000.0
    for _ in range(2):
        assert [bucket.take(now) for _ in range(7)] == [True] * 6 + [False]
        assert not bucket.take(now + 9.99)
        assert bucket.take(now + 10)
        assert not bucket.take(now + 10)
        now += 1000


def test_a_refused_take_does_not_postpone_the_next_token() -> None:
    bucket = TokenBucket(per_minute=1)
    assert bucket.take(0)
    assert [bucket.take(now) for now in (15, 30, 45, 60, 60)] == [False] * 3 + [True, False]


def test_a_bucket_holds_no_more_than_a_minute_of_tokens() -> None:
    bucket = TokenBucket(per_minute=2)
    bucket.take(0)
    assert [bucket.take(86_400) for _ in range(3)] == [True, True, False]


@given(
    per_minute=st.integers(1, 100),
    pauses=st.lists(st.floats(0, 30), max_size=100),
)
def test_a_bucket_lets_no_more_through_than_its_size_and_rate(
    per_minute: int, pauses: list[float]
) -> None:
    bucket = TokenBucket(per_minute)
    now, taken = 0.0, 0
    for pause in pauses:
        now += pause
        taken += bucket.take(now)
    assert taken <= per_minute * (1 + now / 60) + 1e-6
