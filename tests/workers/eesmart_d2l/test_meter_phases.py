"""How many phases a meter has, from readings that do not always show it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hems.protocols.linky.labels import QUANTITIES
from hems.protocols.linky.meter_reading import MeterReading
from hems.protocols.linky.tic_value_formats import Measurement, Quantity
from hems.workers.eesmart_d2l.meter_phases import CONFIRMED, MeterPhases
from tests.fakes.linky import reading


def frame(*, identity: str = "one meter", **values: int) -> MeterReading:
    """Return a reading with the measured values that are given, as the parser leaves them."""
    others = ("2", "3")
    measurements = {label: Measurement(value, QUANTITIES[label]) for label, value in values.items()}
    has_others = any(value for label, value in values.items() if label[-1] in others)
    own = {label: m for label, m in measurements.items() if has_others or label[-1] not in others}
    return replace(reading(identity=identity), is_single_phase=not has_others, measurements=own)


def currents(reading: MeterReading) -> list[int | None]:
    """Return the currents of the three phases in HISTORIQUE."""
    values = (reading.measurements.get(f"IINST{phase}") for phase in (1, 2, 3))
    return [None if value is None else value.value for value in values]


def test_with_imax_there_is_one_phase() -> None:
    phases = MeterPhases()
    for _ in range(2 * CONFIRMED):
        completed = phases.complete(frame(IMAX=90, IINST1=4, IINST2=0, IINST3=0))
        assert completed.is_single_phase
        assert currents(completed) == [4, None, None]


def test_without_imax_there_are_three_from_the_first_reading() -> None:
    completed = MeterPhases().complete(frame(IINST1=4, IINST2=0, IINST3=0))
    assert not completed.is_single_phase
    assert currents(completed) == [4, 0, 0]


@pytest.mark.parametrize(
    "idle",
    [frame(IINST1=1, IINST2=0, IINST3=0), frame(IINST1=1), frame(IINST1=1, IMAX=0)],
    ids=["zero", "empty", "zero IMAX"],
)
def test_idle_phases_read_zero_once_there_were_three(idle: MeterReading) -> None:
    phases = MeterPhases()
    phases.complete(frame(IINST1=1, IINST2=6, IINST3=0))
    assert currents(phases.complete(idle)) == [1, 0, 0]


def test_a_missing_imax_of_a_single_phase_meter_needs_several_readings() -> None:
    phases = MeterPhases()
    for _ in range(2):
        phases.complete(frame(IMAX=90, IINST1=4))
        for _ in range(CONFIRMED - 1):
            assert phases.complete(frame(IINST1=4)).is_single_phase
    phases.complete(frame(IINST1=4))
    assert not phases.complete(frame(IMAX=90, IINST1=4)).is_single_phase


def test_one_wrong_current_of_a_single_phase_meter_is_left_out() -> None:
    phases = MeterPhases()
    phases.complete(frame(IMAX=90, IINST1=4))
    for _ in range(2):
        completed = phases.complete(frame(IMAX=90, IINST1=4, IINST2=6))
        assert completed.is_single_phase
        assert currents(completed) == [4, None, None]
        phases.complete(frame(IMAX=90, IINST1=4))


def test_in_standard_the_voltages_prove_three_phases_and_idle_ones_draw_nothing() -> None:
    phases = MeterPhases()
    phases.complete(frame(IRMS1=4, URMS1=236, URMS2=235, URMS3=237, SINSTS1=900))
    measurements = phases.complete(frame(IRMS1=4, URMS1=236, SINSTS1=900)).measurements
    assert measurements["IRMS2"] == measurements["IRMS3"] == Measurement(0, Quantity.CURRENT)
    assert measurements["SINSTS2"] == Measurement(0, Quantity.APPARENT_POWER)
    assert "URMS2" not in measurements


def test_the_power_of_a_phase_that_draws_is_not_invented() -> None:
    phases = MeterPhases()
    measurements = phases.complete(frame(IRMS1=4, IRMS2=7, URMS2=235, SINSTS1=900)).measurements
    assert "SINSTS2" not in measurements
    assert measurements["SINSTS3"].value == 0


def test_a_received_power_takes_precedence_over_the_zero_of_an_idle_phase() -> None:
    phases = MeterPhases()
    for power in (40, 0, 55):
        completed = phases.complete(frame(IRMS1=4, IRMS2=0, URMS2=235, SINSTS2=power))
        assert completed.measurements["SINSTS2"] == Measurement(power, Quantity.APPARENT_POWER)


def test_a_malformed_current_is_unknown_and_not_zero() -> None:
    phases = MeterPhases()
    spoilt = replace(frame(IINST1=4, IINST2=6), malformed={"IINST3": "not a number"})
    assert currents(phases.complete(spoilt)) == [4, 6, None]


def test_what_a_damaged_payload_has_lost_is_unknown_and_proves_nothing() -> None:
    cut = {"payload": "it ends within a string"}
    assert MeterPhases().complete(replace(frame(IINST1=4), malformed=cut)).is_single_phase
    three = MeterPhases()
    three.complete(frame(IINST1=4, IINST2=6))
    completed = three.complete(replace(frame(IINST1=4), malformed=cut))
    assert not completed.is_single_phase
    assert currents(completed) == [4, None, None]


def test_without_any_current_none_is_invented() -> None:
    phases = MeterPhases()
    phases.complete(frame(IINST1=4, IINST2=6))
    assert currents(phases.complete(frame(EAST=7))) == [None, None, None]


def test_a_short_frame_is_one_of_three_phases() -> None:
    assert currents(MeterPhases().complete(frame(ADIR1=46, IINST1=46))) == [46, 0, 0]


def test_a_restart_keeps_the_phases() -> None:
    three = MeterPhases()
    three.remember(is_three=True, has_imax=False)
    assert currents(three.complete(frame(IINST1=4))) == [4, 0, 0]
    single = MeterPhases()
    single.remember(is_three=False, has_imax=True)
    assert single.complete(frame(IINST1=4)).is_single_phase


def test_another_meter_decides_again_after_several_readings() -> None:
    phases = MeterPhases()
    for name in ("first", "second"):
        phases.complete(frame(identity=name, IINST1=4, IINST2=6))
        for _ in range(CONFIRMED):
            completed = phases.complete(frame(identity=name, IINST1=4, IINST2=6))
        assert currents(completed) == [4, 6, 0]
        for _ in range(CONFIRMED - 1):
            completed = phases.complete(frame(identity=f"after {name}", IMAX=90, IINST1=4))
            assert currents(completed) == [4, 0, 0]
        completed = phases.complete(frame(identity=f"after {name}", IMAX=90, IINST1=4))
        assert currents(completed) == [4, None, None]


def test_one_wrong_serial_number_is_no_other_meter() -> None:
    phases = MeterPhases()
    phases.complete(frame(IINST1=4, IINST2=6))
    for _ in range(2 * CONFIRMED):
        phases.complete(frame(identity="wrong", IMAX=90, IINST1=4))
        assert currents(phases.complete(frame(IMAX=90, IINST1=4))) == [4, 0, 0]
