import pytest

from hems.workers.telemetry.disk_write_rate import HOUR_S, MIN_SPAN_S, DiskWriteRate

RATE = 1000  # bytes a second


def test_a_steady_rate_is_known_after_ten_minutes() -> None:
    rate = DiskWriteRate()
    rates = {now: rate.per_hour(now, RATE * now) for now in range(0, 1200, 60)}
    unknown = {now for now, value in rates.items() if value is None}
    assert unknown == set(range(0, int(MIN_SPAN_S), 60))
    assert {value for value in rates.values() if value is not None} == {RATE * HOUR_S}


def test_what_was_written_more_than_an_hour_ago_is_forgotten() -> None:
    rate = DiskWriteRate()
    rate.per_hour(0, 0)
    rates = {now: rate.per_hour(now, 5_000_000) for now in range(60, 5000, 60)}
    assert rates[int(HOUR_S)] == pytest.approx(5_000_000)
    assert rates[int(HOUR_S) + 60] == 0


def test_at_any_interval_it_keeps_an_hour_of_minutes() -> None:
    rate = DiskWriteRate()
    for now in range(3 * int(HOUR_S)):
        rate.per_hour(now, 0)
    assert len(rate._samples) <= 61


def test_a_counter_that_falls_is_another_disks() -> None:
    rate = DiskWriteRate()
    rate.per_hour(0, 10**9)
    for start in (MIN_SPAN_S, 3 * MIN_SPAN_S):
        assert rate.per_hour(start, 5) is None
        assert rate.per_hour(start + MIN_SPAN_S, 5 + 600) == 3600
