"""Other contracts, and registers that begin again."""

from __future__ import annotations

from hems.workers.eesmart_d2l.energy_register import Stamp
from tests.workers.eesmart_d2l.registers_of_a_meter import (
    HISTORIQUE,
    STANDARD,
    Meter,
    grown,
)


def test_another_contract_replaces_the_registers_with_the_second_frame() -> None:
    meter = Meter(HISTORIQUE)
    for old, new in ((HISTORIQUE, {"BASE": 28_298_020}), ({"BASE": 28_298_020}, HISTORIQUE)):
        judged = meter.give(new)
        assert (judged.values, judged.new) == (old, {*new})
        assert not judged.has_new_contract
        judged = meter.give(new)
        assert (judged.values, judged.new) == (new, set())
        assert judged.has_new_contract
        assert not meter.give(new).has_new_contract


def test_one_frame_with_another_contracts_register_changes_nothing() -> None:
    meter = Meter(HISTORIQUE)
    for _ in range(2):
        meter.give({"BASE": 28_298_020})
        judged = meter.give(HISTORIQUE)
        assert (judged.values, judged.has_new_contract) == (HISTORIQUE, False)


def test_standard_replaces_historique() -> None:
    meter = Meter(HISTORIQUE, STANDARD)
    assert meter.give(STANDARD).values == STANDARD


def test_what_was_known_before_a_restart_judges_the_first_frame_after_it() -> None:
    meter = Meter()
    meter.registers.remember(STANDARD, Stamp(0.0, 0))
    judged = meter.give(STANDARD | {"EAST": 912_300_010})
    assert judged.values["EAST"] == STANDARD["EAST"]
    assert meter.give(grown(STANDARD, 20)).values["EAST"] == STANDARD["EAST"] + 20


def test_zeros_of_registers_that_begin_again_together_need_no_half_hour() -> None:
    meter = Meter(HISTORIQUE)
    frames = [{"HCHC": 0, "HCHP": 100 + 10 * minute} for minute in range(6)]
    held = [meter.give(values).held.keys() for values in frames]
    assert held == [*[{"HCHC", "HCHP"}] * 5, {"HCHC"}]
    judged = meter.give({"HCHC": 0, "HCHP": 160})
    assert (judged.values, judged.held) == ({"HCHP": 160}, {})


def test_five_zeros_beside_a_low_value_change_nothing() -> None:
    meter = Meter(HISTORIQUE)
    for _ in range(2):
        for _ in range(5):
            assert meter.give({"HCHC": 0, "HCHP": 100}).values == HISTORIQUE
        assert meter.give(HISTORIQUE).growth == {"HCHC": 0, "HCHP": 0}
