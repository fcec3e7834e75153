"""The first frame of a meter of which nothing is known, with one wrong value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

import pytest

from dev.simulator.household import Household
from dev.simulator.linky_payload import values
from dev.simulator.linky_variants import KINDS
from dev.simulator.meter_faults import INDEX
from hems.workers.eesmart_d2l.energy_register import (
    FIRST,
    NEW,
    NOTHING,
    UNLIKELY,
    Doubt,
    Limit,
    Stamp,
)
from hems.workers.eesmart_d2l.energy_upper_bound import MeterCapacity
from hems.workers.eesmart_d2l.first_values import FirstValues
from tests.linky_cases import recorder_sum
from tests.workers.eesmart_d2l.replay import ID, VirtualReplay

FRAMES = 12
BEGIN = 1_790_000_000
STANDARD = {"EAST": 12_300_000, "EASF01": 4_000_000, "EASF02": 8_300_000, "EASF03": 0}
HISTORIQUE = {"HCHC": 10_000_000, "HCHP": 12_239_000}


def first_doubts(values: dict[str, int], good: dict[str, int] | None = None) -> dict[str, Doubt]:
    capacity = MeterCapacity()
    capacity.remember({"PCOUP": 6000})
    first, limit = FirstValues(values, good or {}), Limit(Stamp(0, None), capacity.energy_wh)
    doubts = {label: first.doubt(label, limit) for label in values}
    return {label: doubt for label, doubt in doubts.items() if doubt is not None}


def test_values_that_a_sum_proves_are_accepted_also_zeros() -> None:
    assert first_doubts(STANDARD) == {}
    assert first_doubts(STANDARD | {"EAST": 12_300_002}) == {}
    assert first_doubts(STANDARD, good=HISTORIQUE) == {}


def test_zeros_alone_prove_nothing() -> None:
    zeros = dict.fromkeys(STANDARD, 0)
    assert first_doubts(zeros) == dict.fromkeys(STANDARD, NOTHING)
    assert first_doubts({"HCHC": 10_000_000, "HCHP": 0}) == {"HCHP": NOTHING}


def test_a_contract_of_a_day_has_registers_at_zero() -> None:
    assert first_doubts({"BBRHCJB": 0, "BBRHPJB": 30_000}) == {"BBRHCJB": NEW}
    assert first_doubts({"BBRHCJB": 0, "BBRHPJB": 0}) == {"BBRHCJB": NOTHING, "BBRHPJB": NOTHING}
    assert first_doubts({"BBRHCJB": 0, "BBRHPJB": 300_000}) == {"BBRHCJB": NOTHING}


@pytest.mark.parametrize("label", ["EASF01", "EASF02", "EASF03"])
@pytest.mark.parametrize("wrong", [0, 4711, 50_000_000, 912_300_010])
def test_a_value_that_breaks_the_sum_makes_all_wait_that_no_other_sum_proves(
    label: str, wrong: int
) -> None:
    if wrong == STANDARD[label]:
        wrong = 5
    broken = STANDARD | {label: wrong}
    assert first_doubts(broken).keys() == broken.keys()
    distributor = {"EASD01": 12_300_000, "EASD02": 0}
    assert first_doubts(broken | distributor).keys() == broken.keys() - {"EAST"}


@pytest.mark.parametrize(
    ("total", "doubt"),
    [
        (912_300_010, NEW),
        (12_200_000, FIRST),
        (0, UNLIKELY),
        (8_300_000, UNLIKELY),
    ],
    ids=["above", "below", "zero", "copy"],
)
def test_a_total_that_is_no_sum_waits(total: int, doubt: object) -> None:
    doubted = first_doubts(STANDARD | {"EAST": total})["EAST"]
    assert doubt in (doubted, doubted.evidence)


@pytest.mark.parametrize(
    ("value", "waits"), [(0, True), (30_000_000, False), (40_000_000, True), (912_300_010, True)]
)
@pytest.mark.parametrize("label", ["BASE", "HCHC", "EJPHPM", "BBRHCJB", "EAIT"])
def test_without_a_sum_an_ordinary_value_is_accepted(
    label: str, value: int, *, waits: bool
) -> None:
    assert (label in first_doubts({label: value})) == waits


def test_a_register_that_is_new_beside_others_waits() -> None:
    assert first_doubts({"BASE": 5000}, good=HISTORIQUE) == {"BASE": NEW}


def nine(digits: str) -> str:
    return f"9{digits[1:]}"


def hundreds_of_megawatt_hours(digits: str) -> str:
    return f"{(int(digits) + 300_000_000) % 10**9:09d}"


def zero(_: str) -> str:
    return "000000000"


WRONG: tuple[Callable[[str], str], ...] = (nine, hundreds_of_megawatt_hours, zero)


def meters() -> Iterator[tuple[str, str]]:
    """Yield each kind of meter, and each of its registers that has counted."""
    for kind, meter in KINDS.items():
        sent = frame(kind, 0)
        yield from ((kind, label) for label in sent if INDEX.fullmatch(label) and sent[label])
        if meter.solar_w:
            yield kind, "EAIT"


@cache
def frame(kind: str, minute: int) -> Mapping[str, str]:
    at = BEGIN + 60 * minute
    return values(KINDS[kind], ID, household(kind).reading(at), at)


@cache
def household(kind: str) -> Household:
    return Household(ID, KINDS[kind].calendar, KINDS[kind].solar_w)


@pytest.mark.parametrize(("kind", "label"), list(meters()))
def test_a_wrong_value_in_the_first_frame_is_never_shown_or_counted(kind: str, label: str) -> None:
    for wrong in WRONG:
        _is_never_shown_or_counted(kind, label, wrong)


def _is_never_shown_or_counted(kind: str, label: str, wrong: Callable[[str], str]) -> None:
    replay = VirtualReplay()
    replay.time.epoch = float(BEGIN)
    for minute in range(FRAMES):
        document = dict(frame(kind, minute))
        if not minute:
            document[label] = wrong(document[label])
        replay.step({"dt": 60 * minute, "doc": document})
    last = frame(kind, FRAMES - 1)
    key, sent = label.lower(), [int(frame(kind, minute)[label]) for minute in range(FRAMES)]
    published = [state.get(key) for state in replay.states]
    assert {*published} <= {None, 0, *sent} if not sent[0] else {*published} <= {None, *sent}
    assert published[-1] == (int(last[label]) or (published[-1] and 0))  # a zero may be unknown
    assert recorder_sum(published) in {sent[-1] - first for first in sent[:4]}
    total = recorder_sum(state.get("energy_total") for state in replay.states)
    grown = sum_of_use(kind, FRAMES - 1) - sum_of_use(kind, 0)
    assert 0 <= grown - total <= sum_of_use(kind, 3) - sum_of_use(kind, 0)


def sum_of_use(kind: str, minute: int) -> int:
    sent = frame(kind, minute)
    if "EAST" in sent:
        return int(sent["EAST"])
    return sum(int(text) for label, text in sent.items() if INDEX.fullmatch(label) and text)
