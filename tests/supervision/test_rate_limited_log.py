import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.supervision.rate_limited_log import RateLimitedLog

INTERVAL_S = 60.0


@pytest.fixture
def written() -> list[str]:
    return []


@pytest.fixture
def log(written: list[str]) -> RateLimitedLog:
    return RateLimitedLog(written.append, burst=2, interval_s=INTERVAL_S)


def add(log: RateLimitedLog, count: int, now: float, key: str = "meter") -> None:
    for number in range(1, count + 1):
        log.add(key, f"{key} {number}", now)


def test_a_burst_is_written_and_the_rest_dropped_in_every_interval(
    log: RateLimitedLog, written: list[str]
) -> None:
    for start in (0.0, INTERVAL_S, 1000.0):
        add(log, 5, start)
        log.flush(start + INTERVAL_S)
        assert written == ["meter 1", "meter 2", "meter: 3 more lines like this were dropped"]
        written.clear()


def test_what_was_dropped_is_written_exactly_when_the_interval_ends(
    log: RateLimitedLog, written: list[str]
) -> None:
    add(log, 3, 10.0)
    written.clear()
    log.flush(10.0 + INTERVAL_S - 0.01)
    assert written == []
    log.flush(10.0 + INTERVAL_S)
    assert written == ["meter: 1 more lines like this were dropped"]


def test_what_was_dropped_is_written_once(log: RateLimitedLog, written: list[str]) -> None:
    add(log, 3, 0.0)
    log.flush(INTERVAL_S)
    written.clear()
    log.flush(INTERVAL_S)
    log.flush(2 * INTERVAL_S)
    assert written == []


@pytest.mark.parametrize("count", [1, 2])
def test_a_burst_that_was_not_exceeded_says_nothing_of_dropped_lines(
    log: RateLimitedLog, written: list[str], count: int
) -> None:
    for start in (0.0, INTERVAL_S):
        add(log, count, start)
        log.flush(start + INTERVAL_S)
    assert written == ["meter 1", "meter 2"][:count] * 2


def test_a_line_after_the_interval_comes_after_the_number_of_dropped_ones(
    log: RateLimitedLog, written: list[str]
) -> None:
    add(log, 3, 0.0)
    add(log, 1, INTERVAL_S)
    assert written[2:] == ["meter: 1 more lines like this were dropped", "meter 1"]


def test_a_later_line_does_not_lengthen_the_interval(
    log: RateLimitedLog, written: list[str]
) -> None:
    add(log, 2, 0.0)
    add(log, 1, INTERVAL_S - 1)
    add(log, 2, INTERVAL_S)
    assert written[2:] == ["meter: 1 more lines like this were dropped", "meter 1", "meter 2"]


def test_each_key_has_an_interval_and_a_burst_of_its_own(
    log: RateLimitedLog, written: list[str]
) -> None:
    add(log, 3, 0.0, "a")
    add(log, 4, 30.0, "b")
    assert written == ["a 1", "a 2", "b 1", "b 2"]
    log.flush(INTERVAL_S)
    assert written[4:] == ["a: 1 more lines like this were dropped"]
    log.flush(30.0 + INTERVAL_S)
    assert written[5:] == ["b: 2 more lines like this were dropped"]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 100)), max_size=60))
def test_every_line_is_written_or_counted_as_dropped(lines: list[tuple[str, float]]) -> None:
    written: list[str] = []
    log = RateLimitedLog(written.append, burst=2, interval_s=INTERVAL_S)
    now = 0.0
    for key, pause in lines:
        now += pause
        log.add(key, "line", now)
    log.flush(now + INTERVAL_S)
    dropped = [int(line.split()[1]) for line in written if line != "line"]
    assert 0 not in dropped
    assert written.count("line") + sum(dropped) == len(lines)
