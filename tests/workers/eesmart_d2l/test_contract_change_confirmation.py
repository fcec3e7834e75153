import pytest

from hems.workers.eesmart_d2l.contract_change_confirmation import ContractTexts


def accept(contract: ContractTexts, text: str, *, has_new_registers: bool = False) -> str:
    texts = {"NGTF": text} if text else {}
    return contract.take(texts, has_new_registers=has_new_registers).get("NGTF", "")


def test_the_first_text_is_the_contracts() -> None:
    assert accept(ContractTexts(), "BASE") == "BASE"


@pytest.mark.parametrize("wrong", ["", "B#SE"], ids=["absent", "garbled"])
def test_a_text_that_is_absent_or_garbled_changes_nothing(wrong: str) -> None:
    contract = ContractTexts()
    for text in ("BASE", wrong, wrong, "BASE") * 3:
        assert accept(contract, text) == "BASE"


def test_each_change_needs_three_readings_in_a_row() -> None:
    contract = ContractTexts()
    accept(contract, "BASE")
    for old, new in (("BASE", "TEMPO"), ("TEMPO", "BASE")):
        assert [accept(contract, new) for _ in range(4)] == [old, old, new, new]


def test_absence_in_between_does_not_matter() -> None:
    contract = ContractTexts()
    texts = ["BASE", "TEMPO", "", "TEMPO", "", "TEMPO"]
    assert [accept(contract, text) for text in texts][-2:] == ["BASE", "TEMPO"]


def test_other_registers_prove_a_change_with_the_second_reading() -> None:
    contract = ContractTexts()
    accept(contract, "HC..")
    assert accept(contract, "BASE") == "HC.."
    assert accept(contract, "BASE", has_new_registers=True) == "BASE"


def test_the_text_of_the_other_mode_ends_with_its_registers() -> None:
    contract = ContractTexts()
    contract.take({"OPTARIF": "HC.."}, has_new_registers=False)
    assert contract.take({"NGTF": "TEMPO"}, has_new_registers=True) == {"NGTF": "TEMPO"}


def test_a_restart_keeps_the_text() -> None:
    contract = ContractTexts()
    contract.remember({"NGTF": "BASE"})
    assert accept(contract, "TEMPO") == "BASE"
