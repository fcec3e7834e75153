from __future__ import annotations

import pytest

from hems.workers.eesmart_d2l.register_redundancy import Proof, RegisterRedundancy

GOOD = {"EAST": 12_300_000, "EASF01": 4_000_000, "EASF02": 8_300_000, "EASF03": 0}
Frame = dict[str, int]


def grown(values: Frame, label: str, by: int) -> Frame:
    """Return the values after `label` and EAST have counted."""
    return values | {"EAST": values["EAST"] + by, label: values[label] + by}


def proven(start: Frame = GOOD) -> tuple[RegisterRedundancy, Frame]:
    """Return a rule that has held for two frames, and the newest values."""
    redundancy, values = RegisterRedundancy(), start
    redundancy.learn(values, values)
    for _ in range(2):
        values = grown(values, "EASF02", 10)
        redundancy.learn(values, values)
    assert redundancy.is_proven
    return redundancy, values


def prove(
    redundancy: RegisterRedundancy, good: Frame, new: Frame, *doubted: str, counting: str = "EASF02"
) -> Proof | None:
    return redundancy.prove(good, new, frozenset(doubted), counting)


@pytest.mark.parametrize("wrong", ["EAST", "EASF01", "EASF02", "EASF03"])
@pytest.mark.parametrize("offset", [0, 500_000], ids=["equal", "after a change of supplier"])
def test_the_others_prove_the_value_of_one_that_is_implausible(wrong: str, offset: int) -> None:
    redundancy, good = proven(GOOD | {"EAST": GOOD["EAST"] + offset})
    label = "EASF02" if wrong == "EAST" else wrong
    right = grown(good, label, 10)
    proof = prove(redundancy, good, right | {wrong: 912_300_010}, wrong)
    assert proof == Proof(wrong, right[wrong])


def test_two_implausible_registers_prove_nothing() -> None:
    redundancy, good = proven()
    wrong = good | {"EAST": 0, "EASF01": 0}
    assert prove(redundancy, good, wrong, "EAST", "EASF01") is None


def test_an_absent_register_proves_nothing() -> None:
    redundancy, good = proven()
    new = {label: value for label, value in good.items() if label != "EASF01"}
    assert prove(redundancy, good, new | {"EAST": 0}, "EAST") is None


def test_a_rule_that_never_held_corrects_no_part() -> None:
    redundancy = RegisterRedundancy()
    values = dict(GOOD)
    for _ in range(5):  # EAST grows alone
        values["EAST"] += 10
        redundancy.learn(values, values)
    new = values | {"EAST": values["EAST"] + 10, "EASF02": 0}
    assert prove(redundancy, values, new, "EASF02") is None
    assert not redundancy.is_proven


@pytest.mark.parametrize("frames", [1, 2])
def test_a_part_is_corrected_once_the_sum_has_grown_with_its_parts(frames: int) -> None:
    redundancy, values = RegisterRedundancy(), dict(GOOD)
    for _ in range(frames):
        redundancy.learn(values, values)
        good, values = values, grown(values, "EASF02", 10)
    proof = prove(redundancy, good, values | {"EASF02": 0}, "EASF02")
    assert (proof is not None) == (frames == 2)


def test_only_a_proven_rule_says_that_nothing_was_counted() -> None:
    redundancy, good = proven()
    assert prove(redundancy, good, good | {"EAST": 0}, "EAST") == Proof("EAST", good["EAST"])
    redundancy = RegisterRedundancy()
    redundancy.learn(good, good)
    assert prove(redundancy, good, good | {"EAST": 0}, "EAST") is None


@pytest.mark.parametrize("witness", [True, False], ids=["EASD too", "without EASD"])
def test_a_small_wrong_digit_of_the_total_is_named(witness: bool) -> None:
    redundancy, good = proven()
    new = grown(good, "EASF02", 10)
    if witness:
        good, new = good | {"EASD01": 100}, new | {"EASD01": 110}
    assert prove(redundancy, good, new | {"EAST": new["EAST"] + 80}) == Proof("EAST", new["EAST"])


@pytest.mark.parametrize(
    ("wrong", "counting"),
    [("EASF02", "EASF02"), ("EASF01", "EASF02"), ("EASF02", "EASF07")],
    ids=["the one that counts", "another one", "the only one that grew"],
)
def test_a_small_wrong_digit_of_a_part_is_named(wrong: str, counting: str) -> None:
    redundancy, good = proven()
    right = grown(good, "EASF02", 10)
    new = right | {wrong: right[wrong] + 80}
    assert prove(redundancy, good, new, counting=counting) == Proof(wrong, right[wrong])


@pytest.mark.parametrize("by", [2, 3])
def test_rounding_breaks_no_rule(by: int) -> None:
    redundancy, good = proven()
    new = grown(good, "EASF02", 10)
    proof = prove(redundancy, good, new | {"EAST": new["EAST"] + by})
    assert (proof is None) == (by == 2)


def test_each_rule_that_stays_broken_is_learned_again() -> None:
    redundancy, good = proven()
    for begun in range(2):
        values = good | {"EAST": good["EAST"] + 50}
        proofs = []
        for number in range(1, 4):
            new = grown(values, "EASF02", 10 * number)
            proofs.append(prove(redundancy, good, new))
        assert [proof is not None for proof in proofs] == [True, True, False]
        redundancy.learn(new, new)
        for number in range(1, 3):
            later = grown(new, "EASF02", 10 * number)
            assert prove(redundancy, new, later) is None
            redundancy.learn(later, later)
        assert redundancy.is_proven, begun
        good = later
