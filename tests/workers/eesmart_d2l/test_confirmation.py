import pytest

from hems.workers.eesmart_d2l.confirmation import CONFIRMED, Confirmation


@pytest.mark.parametrize(
    ("count", "step_s", "is_confirmed"),
    [(5, 60, False), (6, 60, True), (6, 48, True), (6, 47.9, False), (100, 1, False)],
)
def test_it_takes_readings_and_time(count: int, step_s: float, is_confirmed: bool) -> None:
    doubts = Confirmation()
    for number in range(count):
        doubts.add(number * step_s, agrees=True)
    assert doubts.has(CONFIRMED, (count - 1) * step_s) == is_confirmed


def test_a_value_that_does_not_agree_is_the_first_of_the_next_row() -> None:
    doubts = Confirmation()
    for _ in range(2):
        for minute in range(7):
            doubts.add(60 * minute, agrees=minute > 0)
        assert doubts.count == 7
        assert doubts.has(CONFIRMED, 360)


def test_it_can_be_cleared() -> None:
    doubts = Confirmation()
    for _ in range(2):
        for minute in range(6):
            doubts.add(60 * minute, agrees=True)
        doubts.clear()
        assert not doubts.has(CONFIRMED, 360)
