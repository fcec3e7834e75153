from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.workers.eesmart_d2l.registers_of_a_meter import (
    HISTORIQUE,
    STANDARD,
    Meter,
    Values,
    grown,
)


@pytest.mark.parametrize("label", HISTORIQUE)
def test_a_zero_in_the_first_frame_is_never_shown_before_the_true_value(label: str) -> None:
    meter = Meter()
    assert label not in meter.give(HISTORIQUE | {label: 0}).values
    assert label not in meter.give(HISTORIQUE).values
    assert meter.give(HISTORIQUE).values == HISTORIQUE


def test_growth_is_what_each_register_counted() -> None:
    judged = Meter(STANDARD).give(grown(STANDARD, 10))
    assert judged.growth == {"EAST": 10, "EASF01": 0, "EASF02": 10, "EASF03": 0}


def test_a_first_frame_does_not_show_one_register_twice() -> None:
    meter = Meter()
    assert meter.give({"HCHC": 12_239_000, "HCHP": 12_239_000}).values == {}
    meter.give(HISTORIQUE)
    assert meter.give(HISTORIQUE).values == HISTORIQUE


def test_absent_registers_keep_their_last_good_value() -> None:
    judged = Meter(HISTORIQUE).give({})
    assert judged.values == HISTORIQUE
    assert judged.growth == {}


@pytest.mark.parametrize("label", ["EAST", "EASF01", "EASF02"])
def test_zero_is_held_and_does_not_spoil_the_next(label: str) -> None:
    meter = Meter(STANDARD)
    for begun in (0, 20):
        judged = meter.give(grown(STANDARD, begun) | {label: 0})
        assert judged.values[label] in (grown(STANDARD, begun)[label], STANDARD[label])
        assert {*judged.held, *judged.corrected} == {label}
        assert meter.give(grown(STANDARD, begun + 10)).held == {}


def test_a_wrong_register_is_named_and_corrected() -> None:
    meter = Meter(STANDARD, grown(STANDARD, 10), grown(STANDARD, 20))
    for by in (30, 50):
        judged = meter.give(grown(STANDARD, by) | {"EASF02": 8_900_000})
        right = STANDARD["EASF02"] + by
        assert judged.values["EASF02"] == right
        assert judged.corrected == {"EASF02": f"8900000 found, the other registers prove {right}"}
        assert judged.growth["EASF02"] == 10
        assert meter.give(grown(STANDARD, by + 10)).growth["EASF02"] == 10


def test_a_total_that_moved_for_good_is_accepted_though_the_others_disagree() -> None:
    meter = Meter(STANDARD, grown(STANDARD, 10))
    for by in range(20, 70, 10):
        judged = meter.give(grown(STANDARD, by) | {"EAST": 700_000_000 + by})
        assert judged.values["EAST"] == STANDARD["EAST"] + by
    judged = meter.give(grown(STANDARD, 70) | {"EAST": 700_000_070})
    assert judged.values["EAST"] == 700_000_070
    assert judged.growth["EAST"] == 50


def test_a_total_beyond_its_parts_for_a_moment_shows_what_they_prove() -> None:
    meter = Meter(STANDARD, grown(STANDARD, 10), grown(STANDARD, 20))
    judged = meter.give(grown(STANDARD, 30) | {"EAST": STANDARD["EAST"] + 110})
    assert judged.values["EAST"] == STANDARD["EAST"] + 30
    assert "EAST" in judged.corrected


def test_the_parts_prove_a_roll_over_at_once() -> None:
    full = STANDARD | {"EAST": 999_999_990}
    meter = Meter(full, full, grown(full, 5))
    judged = meter.give(grown(full, 15) | {"EAST": 5})
    assert (judged.values["EAST"], judged.growth["EAST"]) == (5, 10)


def test_a_copy_of_another_register_is_held_after_a_long_silence() -> None:
    meter = Meter(HISTORIQUE)
    meter.minute += 60 * 24 * 30
    for _ in range(2):
        judged = meter.give({"HCHC": 12_239_000, "HCHP": 12_239_000})
        assert judged.values == HISTORIQUE
        assert judged.held["HCHC"] == "12239000 is a copy of HCHP"
    assert meter.give(HISTORIQUE | {"HCHP": 12_239_010}).held == {}


def test_the_only_register_of_a_contract_equals_the_total() -> None:
    base = {"EAST": 5_000_000, "EASF01": 5_000_000, "EASD01": 5_000_000}
    meter = Meter(base)
    meter.minute += 60 * 24
    later = dict.fromkeys(base, 5_100_000)
    meter.give(later)
    assert meter.give(later).values == later


def test_a_register_at_zero_shows_no_garbage() -> None:
    meter = Meter(STANDARD, grown(STANDARD, 10))
    for by in (20, 40):
        judged = meter.give(grown(STANDARD, by) | {"EASF03": 700_000_000})
        assert judged.values.get("EASF03", 0) == 0
        assert meter.give(grown(STANDARD, by + 10)).values["EASF03"] == 0


STEPS = st.lists(
    st.dictionaries(
        st.sampled_from([*STANDARD, "EAIT"]),
        st.one_of(st.integers(-3, 200), st.integers(-(10**9), 10**9)),
        max_size=3,
    ),
    max_size=30,
)


@given(STEPS)
@example([{}, {"EAST": 200, "EASF01": 1}, {}, {}, {}, {}, {}, {}])  # a fall after a correction
def test_a_frame_like_the_last_one_is_judged_as_if_in_full(steps: list[Values]) -> None:
    quick, thorough = Meter(STANDARD), Meter(STANDARD, compares=False)
    values = dict(STANDARD)
    for step in steps:
        frame = values | {label: max(0, values.get(label, 0) + by) for label, by in step.items()}
        if all(by < 200 for by in step.values()):
            values = frame
        assert quick.give(frame) == thorough.give(frame)
