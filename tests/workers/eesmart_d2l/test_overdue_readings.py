import pytest

from hems.workers.eesmart_d2l.overdue_readings import ReadingPace


def paced(*times: float) -> ReadingPace:
    pace = ReadingPace()
    for time in times:
        pace.add(time)
    return pace


def test_nothing_is_overdue_before_the_first_reading() -> None:
    assert not paced().is_overdue(1e9)


@pytest.mark.parametrize(
    ("times", "due_s"),
    [
        ((0,), 75),
        ((0, 60), 135),
        ((0, 5, 10, 15), 90),
        ((0, 300, 600), 975),
        ((0, 60, 120, 3600, 3660), 3735),
        ((0, 300, 302, 600, 900), 1273.75),
    ],
    ids=["first", "minute", "quick", "slow", "after an outage", "one twice"],
)
def test_a_reading_is_overdue_a_quarter_after_its_time(
    times: tuple[float, ...], due_s: float
) -> None:
    assert not paced(*times).is_overdue(due_s)
    assert paced(*times).is_overdue(due_s + 0.1)


def test_a_dongle_that_becomes_slower_is_believed_after_a_few_readings() -> None:
    pace = paced(0, 60, 120, 180)
    for number in range(1, 5):
        pace.add(180 + 300 * number)
    assert not pace.is_overdue(180 + 1200 + 375)
