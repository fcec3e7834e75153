import json
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from dev.simulator.household import Household
from dev.simulator.linky_payload import values
from dev.simulator.linky_variants import KINDS
from dev.simulator.meter_faults import FAULTS, INDEX, encoded

NOON = 1_784_025_296
STANDARD = values(KINDS["standard"], 1, Household(1).reading(NOON), NOON)
HISTORIQUE = values(KINDS["historique"], 1, Household(1).reading(NOON), NOON)
THREE = values(KINDS["historique-three-phase"], 1, Household(1).reading(NOON), NOON)
BOTH = pytest.mark.parametrize("sent", [STANDARD, HISTORIQUE], ids=["standard", "historique"])


def spoilt(name: str, sent: Mapping[str, str], number: int = 3) -> dict[str, Any]:
    return {**FAULTS[name].values(sent, number)}


def changed(name: str, sent: Mapping[str, str], number: int = 3) -> set[str]:
    """Return the labels that the fault changes or adds."""
    spoilt_frame = spoilt(name, sent, number)
    return {label for label in spoilt_frame if spoilt_frame[label] != sent.get(label)}


def test_a_passing_fault_spoils_every_third_frame_and_a_lasting_one_the_rest() -> None:
    numbers = range(1, 10)
    assert [n for n in numbers if FAULTS["zero-index"].spoils(n)] == [3, 6, 9]
    assert [n for n in numbers if FAULTS["clock-behind"].spoils(n)] == list(range(3, 10))
    assert [n for n in numbers if FAULTS["roll-over"].spoils(n)] == list(numbers)


@BOTH
def test_zero_index(sent: Mapping[str, str]) -> None:
    labels = {label for label in sent if label[:4] in ("EAST", "EASF", "EASD", "HCHC", "HCHP")}
    used = {label for label in labels if sent[label] != "0" * 9}
    assert changed("zero-index", sent) == used
    assert {spoilt("zero-index", sent)[label] for label in used} == {"0" * 9}


@BOTH
def test_other_register_and_wrong_digit_change_one_index(sent: Mapping[str, str]) -> None:
    first = "EAST" if "EAST" in sent else "HCHC"
    assert changed("other-register", sent) == changed("wrong-digit", sent) == {first}
    assert spoilt("other-register", sent)[first] in {
        sent["HCHP"] if "HCHP" in sent else sent["EASF01"]
    }
    pairs = zip(spoilt("wrong-digit", sent)[first], sent[first], strict=True)
    assert sum(ours != theirs for ours, theirs in pairs) == 1


def test_a_single_register_gets_a_strange_value() -> None:
    assert changed("other-register", sent("historique-base")) == {"BASE"}
    assert changed("other-register", sent("standard-base")) == {"EAST"}


def test_every_fault_changes_something_or_says_that_it_cannot() -> None:
    unchanged = {(kind, name) for kind in KINDS for name in FAULTS if not can_have(kind, name)}
    historique = [kind for kind in KINDS if not KINDS[kind].is_standard]
    without_a_clock = {(kind, "clock-degraded") for kind in historique}
    of_one_contract = {(kind, "totaliser") for kind in KINDS if KINDS[kind].is_standard}
    of_one_contract |= {("historique-base", "totaliser"), ("historique-base", "restart")}
    assert unchanged == without_a_clock | of_one_contract


def sent(kind: str, at: int = NOON) -> dict[str, str]:
    """Return the values of a meter of this kind at `at` (unix s)."""
    return values(KINDS[kind], 1, household(kind).reading(at), at)


@cache
def household(kind: str) -> Household:
    return Household(1, KINDS[kind].calendar, KINDS[kind].solar_w)


def can_have(kind: str, fault: str) -> bool:
    return FAULTS[fault].changes(sent(kind))


def test_missing_names() -> None:
    assert changed("missing-names", STANDARD) == {"NGTF", "ADSC"}
    assert changed("missing-names", HISTORIQUE) == {"OPTARIF", "ADCO"}


@BOTH
def test_bytes_that_are_no_json_of_strings(sent: Mapping[str, str]) -> None:
    text = encoded(sent)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(FAULTS["truncated-json"].text(text))
    with pytest.raises(UnicodeDecodeError):
        FAULTS["bad-byte"].text(text).decode()
    kinds = {type(value) for value in spoilt("other-types", sent).values()}
    assert {int, type(None)} <= kinds


@BOTH
def test_roll_over_happens_in_frame_three(sent: Mapping[str, str]) -> None:
    first = "EAST" if "EAST" in sent else "HCHC"
    values = [int(spoilt("roll-over", sent, number)[first]) for number in range(1, 6)]
    assert values == [999_999_998, 999_999_999, 0, 1, 2]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].is_standard])
@pytest.mark.parametrize("family", ["EASF", "EASD"])
def test_after_a_roll_over_the_registers_still_give_the_total(kind: str, family: str) -> None:
    for number in (2, 3):
        spoilt_frame = spoilt("roll-over", sent(kind), number)
        parts = sum(int(spoilt_frame[label]) for label in spoilt_frame if label.startswith(family))
        assert parts % 10**9 == int(spoilt_frame["EAST"])


@pytest.mark.parametrize("kind", KINDS)
def test_no_register_falls_while_another_one_rolls_over(kind: str) -> None:
    frames = [spoilt("roll-over", sent(kind, NOON + 3600 * n), n) for n in range(1, 9)]
    labels = [label for label in frames[0] if INDEX.fullmatch(label) and frames[0][label]]
    for label in labels:
        values = [int(frame[label]) for frame in frames]
        rises = {(new - old) % 10**9 for old, new in pairwise(values)}
        assert max(rises) < 10_000, label
        falls = sum(new < old for old, new in pairwise(values))
        assert falls == (values[0] > 999_999_990), label


def test_restart_changes_the_suppliers_registers_only() -> None:
    assert changed("restart", STANDARD) == {"EASF01", "EASF02"}
    assert changed("restart", HISTORIQUE) == {"HCHC", "HCHP"}
    assert int(spoilt("restart", STANDARD)["EASF01"]) < 10**6


def test_the_totaliser_is_above_the_contracts_registers() -> None:
    spoilt_frame = spoilt("totaliser", HISTORIQUE)
    assert int(spoilt_frame["BASE"]) > int(HISTORIQUE["HCHC"]) + int(HISTORIQUE["HCHP"])
    assert (spoilt_frame["OPTARIF"], spoilt_frame["HCHC"], spoilt_frame["HCHP"]) == ("BASE", "", "")


@BOTH
def test_missing_indexes_and_serial_numbers(sent: Mapping[str, str]) -> None:
    spoilt_frame = spoilt("no-index", sent)
    assert not any(
        spoilt_frame[label].strip("0") for label in spoilt_frame if INDEX.fullmatch(label)
    )
    assert spoilt("other-types", sent)["ADSC" if "ADSC" in sent else "ADCO"] is None


def test_an_overload_is_told_in_each_mode() -> None:
    assert int(spoilt("overload", STANDARD)["STGE"], 16) >> 7 & 1 == 1
    assert spoilt("overload", HISTORIQUE)["ADPS"] == "046"
    short, long = spoilt("overload", THREE, 22), spoilt("overload", THREE, 23)
    assert {label for label in short if short[label] and not label.startswith("_")} == {
        *("ADCO", "ADIR1", "IINST1", "IINST2", "IINST3")
    }
    assert (long["HCHC"], long["ADIR1"]) == (THREE["HCHC"], "046")


def test_a_degraded_clock_is_told_twice() -> None:
    assert changed("clock-degraded", STANDARD) == {"STGE", "DATE"}
    assert spoilt("clock-degraded", STANDARD)["DATE"][0] in "eh"
    assert changed("clock-degraded", HISTORIQUE) == set()
