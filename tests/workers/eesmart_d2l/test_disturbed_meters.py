"""Meters whose output is disturbed at random: what Home Assistant adds up is what was used."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from pytest_mock import MockerFixture

from hems.protocols.linky.incremental_reading_decoder import ReadingDecoder
from tests.linky_cases import LinkyCase, all_cases, recorder_sum
from tests.workers.eesmart_d2l.replay import VirtualReplay

Document = dict[str, Any]
FRAMES = 150
CALM = 14  # frames after a disturbance: what it takes to be believed again
LAST_DISTURBANCE = FRAMES - 40
TEMPO = ("BBRHCJB", "BBRHPJB", "BBRHCJW", "BBRHPJW", "BBRHCJR", "BBRHPJR")
COUNTERS = {
    "STANDARD": ("EASF01", "EASF02"),
    "STANDARD, one register": ("EASF01",),
    "HC..": ("HCHC", "HCHP"),
    "BASE": ("BASE",),
    "BBR(": TEMPO,
}
SAMPLES: dict[str, Document] = {
    case.name: case.steps[0]["doc"]
    for case in all_cases()
    if case.name in ("04-restart-then-zero", "14-hc-to-supplier-calendar")
}


def zero(document: Document, label: str, _rest: tuple[str, ...], _dice: random.Random) -> None:
    document[label] = "000000000"


def all_zero(document: Document, label: str, rest: tuple[str, ...], _dice: random.Random) -> None:
    document.update(dict.fromkeys((label, *rest), "000000000"))


def copied(document: Document, label: str, rest: tuple[str, ...], dice: random.Random) -> None:
    document[label] = document[dice.choice(rest or (label,))]


def wrong_digit(
    document: Document, label: str, _rest: tuple[str, ...], dice: random.Random
) -> None:
    digits = list(document[label])
    place = dice.randrange(len(digits))
    digits[place] = str((int(digits[place]) + dice.randrange(1, 10)) % 10)
    document[label] = "".join(digits)


def missing(document: Document, label: str, _rest: tuple[str, ...], _dice: random.Random) -> None:
    del document[label]


def wrong_texts(document: Document, _: str, _rest: tuple[str, ...], dice: random.Random) -> None:
    for label in {"NGTF", "OPTARIF", "PREF", "PCOUP", "ISOUSC"} & document.keys():
        document[label] = dice.choice(["", "BASE", "99", "0", "X#"])


Disturbance = Callable[[Document, str, tuple[str, ...], random.Random], None]
DISTURBANCES: dict[Disturbance, tuple[int, ...]] = {  # and for how many frames in a row
    zero: (1, 2, 5),
    all_zero: (1, 5),
    copied: (1, 5),
    wrong_digit: (1,),
    missing: (1, 5),
    wrong_texts: (1,),
}


def frame(kind: str, counted: dict[str, int]) -> Document:
    """Return a frame of a meter of 6 kVA with the registers `counted`."""
    if kind.startswith("STANDARD"):
        unused = {"EASF02": 0, "EASD01": 0, "EASD02": 0}
        registers = unused | counted | {"EAST": sum(counted.values())}
        sample = SAMPLES["04-restart-then-zero"]
    else:
        registers = counted
        sample = SAMPLES["14-hc-to-supplier-calendar"] | {"HCHC": "", "HCHP": "", "OPTARIF": kind}
    return sample | {label: f"{value:09}" for label, value in registers.items()}


def disturbed(kind: str, dice: random.Random) -> tuple[LinkyCase, list[dict[str, int]]]:
    """Return a case of FRAMES frames, and what the registers really had counted at each."""
    counted = {label: dice.randrange(10**6, 10**8) for label in COUNTERS[kind]}
    steps: list[dict[str, Any]] = []
    truth: list[dict[str, int]] = []
    disturb: Disturbance = zero
    left, calm = 0, CALM
    for number in range(FRAMES):
        counted[COUNTERS[kind][number // 50 % len(counted)]] += dice.choice([1, 5, 30, 90])
        document = frame(kind, counted)
        labels = [label for label in ("EAST", *counted) if label in document]
        if not left and calm <= 0 and number < LAST_DISTURBANCE and dice.random() < 0.2:
            disturb = dice.choice([*DISTURBANCES])
            left, calm = dice.choice(DISTURBANCES[disturb]), CALM
            label = dice.choice(labels)
            if dice.random() < 0.4:
                steps.append({"restart": True})
        if left:
            disturb(document, label, tuple(other for other in labels if other != label), dice)
        left, calm = max(0, left - 1), calm if left else calm - 1
        steps.append({"dt": 60 * number, "doc": document})
        truth.append({label.lower(): value for label, value in counted.items()})
        truth[-1]["energy_total"] = sum(counted.values())
    return LinkyCase(kind, "", {}, tuple(steps)), truth


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", COUNTERS)
def test_home_assistant_adds_up_what_was_used(kind: str, seed: int) -> None:
    case, truth = disturbed(kind, random.Random(f"{kind} {seed}"))
    states = VirtualReplay().run(case)
    for key, last in truth[-1].items():
        values = [state.get(key) for state in states]
        begin = next(number for number, value in enumerate(values) if value is not None)
        first = truth[max(0, begin - 1)][key]  # shown once the next one has confirmed it
        assert (key, values[begin], recorder_sum(values)) == (key, first, last - first)
        assert (key, values[-1]) == (key, last)
    assert max(state.get("power_estimated") or 0 for state in states) <= 6900


@pytest.mark.parametrize("kind", [*COUNTERS, *(case.name for case in all_cases())])
def test_a_comparison_with_the_reading_before_changes_no_result(
    kind: str, mocker: MockerFixture
) -> None:
    handed = {case.name: case for case in all_cases()}
    case = handed.get(kind) or disturbed(kind, random.Random(kind))[0]
    quick, thorough = VirtualReplay(), VirtualReplay()
    quick.run(case)
    mocker.patch("hems.workers.eesmart_d2l.reading_validation.changed_numbers", return_value=None)
    mocker.patch.object(ReadingDecoder, "_following", return_value=None)
    thorough.run(case)
    assert quick.states == thorough.states
    assert (quick.refused, quick.components) == (thorough.refused, thorough.components)
