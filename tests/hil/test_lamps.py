import pytest

from tests.hil.inside.lamps import WINDOW_S, description

STEP_S = 0.01
SHORT_S, GAP_S, PAUSE_S = 0.15, 0.25, 1.25


def samples(blinks: int, begin_s: float) -> list[tuple[float, bool]]:
    """Return what is seen of a lamp that blinks, from `begin_s` of its period on."""
    period_s = blinks * (SHORT_S + GAP_S) - GAP_S + PAUSE_S
    seen = []
    for step in range(round(WINDOW_S / STEP_S)):
        within_s = (begin_s + step * STEP_S) % period_s
        is_lit = within_s < period_s - PAUSE_S and within_s % (SHORT_S + GAP_S) < SHORT_S
        seen.append((step * STEP_S, is_lit))
    return seen


@pytest.mark.parametrize("tenths", range(18))
def test_a_double_blink_is_known_wherever_the_window_begins(tenths: int) -> None:
    assert description(samples(2, tenths / 10)) == "2 blinks"


@pytest.mark.parametrize(("is_lit", "what"), [(True, "on"), (False, "off")])
def test_a_steady_lamp_is_on_or_off(is_lit: bool, what: str) -> None:
    assert description([(0.0, is_lit), (WINDOW_S, is_lit)]) == what


def test_groups_that_differ_are_each_told() -> None:
    rises = [1.0, 2.0, 2.3, 3.3, 3.6, 3.9]
    seen = [(at + after, after == 0) for at in rises for after in (0, 0.1)]
    assert description([(0.0, False), *seen, (5.0, False)]) == "1 2 3 blinks"
