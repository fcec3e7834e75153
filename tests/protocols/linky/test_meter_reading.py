from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hems.errors import ProtocolError
from hems.protocols.linky.d2l_payload import fields as strings
from hems.protocols.linky.labels import QUANTITIES, SCHEDULES, SPELLINGS, TEXTS
from hems.protocols.linky.meter_reading import MeterReading, parse
from hems.protocols.linky.packed_values import Breaker, TempoColour
from hems.protocols.linky.tic_value_formats import Measurement, Quantity
from tests.protocols.linky.samples import (
    DEVICE,
    HISTORIQUE,
    SAMPLES,
    SINGLE,
    TEMPO,
    THREE,
    payload,
)

NO_PROOF = dict.fromkeys(("ADSC", "NGTF", "EAST"), "")


def read(fields: dict[str, str], **changes: str) -> MeterReading:
    return parse(strings(payload(fields, **changes), DEVICE))


def unix(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_in_a_sample_is_malformed(name: str) -> None:
    reading = read(SAMPLES[name])
    assert reading.malformed == {}
    assert reading.mode.value == SAMPLES[name]["_TYPE_TRAME"]


@pytest.mark.parametrize("name", SAMPLES)
def test_neither_the_serial_nor_the_delivery_point_is_kept(name: str) -> None:
    text = repr(read(SAMPLES[name]))
    assert "031000000042" not in text
    assert "12345678901234" not in text


def test_every_label_of_a_standard_meter_is_read() -> None:
    reading = read(THREE)
    ignored = {"MSG1", "MSG2", *(f"{edge}PM{peak}" for edge in "DF" for peak in (1, 2, 3))}
    personal = {"ADSC", "PRM", "_ID_D2L", "_TYPE_TRAME", "_DATE_FIRMWARE"}
    read_elsewhere = {"DATE", "STGE", "RELAIS"}
    sent = {SPELLINGS.get(key, key) for key in THREE}
    known = {*reading.measurements, *reading.texts, *reading.schedules}
    assert known == sent - ignored - personal - read_elsewhere


def test_values_carry_their_unit() -> None:
    measurements = read(SINGLE).measurements
    assert measurements["EAST"] == Measurement(12345678, Quantity.ENERGY)
    assert measurements["PREF"] == Measurement(6000, Quantity.APPARENT_POWER)
    assert measurements["URMS1"].quantity.unit == "V"
    assert measurements["CCASN"].quantity.unit == "W"
    assert read(THREE).measurements["ERQ1"].quantity.unit == "VArh"


def test_a_dated_value_has_its_own_time() -> None:
    measurements = read(THREE).measurements
    assert measurements["SMAXSN1"].at == unix("2020-12-09T02:01:17+01:00")
    assert measurements["SMAXSN"] == Measurement(
        9210, Quantity.APPARENT_POWER, unix("2020-12-09T02:00:00+01:00")
    )


def test_summer_time_is_two_hours_ahead() -> None:
    reading = read(SINGLE)
    assert reading.time == unix("2026-07-12T14:30:05+02:00")
    assert not reading.is_clock_degraded


def test_lower_case_means_a_degraded_clock() -> None:
    reading = read(THREE)
    assert reading.time == unix("2020-12-09T02:35:12+01:00")
    assert reading.is_clock_degraded


@pytest.mark.parametrize("date", ["", " ", " 260712143005"])
def test_a_date_that_is_not_available_is_no_time(date: str) -> None:
    reading = read(SINGLE, DATE=date)
    assert (reading.time, reading.is_clock_degraded, reading.malformed) == (None, False, {})


def test_the_time_of_historique_counts_from_2016() -> None:
    reading = read(HISTORIQUE, _HORLOGE="37537473")
    assert reading.time == datetime(2017, 3, 10, 11, 4, 33, tzinfo=UTC).timestamp()


def test_empty_values_are_absent() -> None:
    reading = read(SINGLE)
    empty = {"EAIT", "ERQ1", "SINSTI", "SMAXIN", "CCAIN"}
    assert not empty & reading.measurements.keys()


def test_texts_are_trimmed_and_their_runs_of_spaces_shortened() -> None:
    reading = read(SINGLE)
    assert reading.texts["LTARF"] == "HEURE PLEINE"
    assert reading.tariff_calendar == "H PLEINE/CREUSE"
    assert read(SINGLE, NGTF=" BASE ").tariff_calendar == "BASE"
    assert read(TEMPO).tariff_calendar == "BBR("


def test_a_single_phase_meter_has_one_phase() -> None:
    reading = read(SINGLE)
    assert reading.is_single_phase
    assert {"IRMS1", "URMS1", "UMOY1"} <= reading.measurements.keys()
    assert not {"IRMS2", "URMS3", "UMOY2", "SINSTS2"} & reading.measurements.keys()


def test_zero_currents_of_a_single_phase_meter_are_no_phases() -> None:
    reading = read(HISTORIQUE)
    assert HISTORIQUE["IINST2"] == "0"
    assert reading.is_single_phase
    assert reading.measurements["IINST1"].value == 4
    assert not {"IINST2", "IINST3"} & reading.measurements.keys()


def test_one_idle_phase_does_not_make_a_three_phase_meter_single_phase() -> None:
    reading = read(TEMPO)
    assert not reading.is_single_phase
    assert reading.measurements["IINST3"].value == 0


def test_yesterdays_highest_power_of_a_single_phase_meter_gets_its_own_label() -> None:
    measurements = read(SINGLE).measurements
    assert "SMAXSN1" not in measurements
    assert measurements["SMAXSN-1"].value == 5120
    assert measurements["SMAXSN-1"].at == unix("2026-07-11T20:00:00+02:00")


def test_a_received_value_for_yesterday_wins_over_the_one_under_the_wrong_label() -> None:
    received = {"SMAXSN-1": "E26071120|04711"}
    measurements = read(SINGLE | received).measurements
    assert "SMAXSN1" not in measurements
    assert measurements["SMAXSN-1"].value == 4711


def test_a_received_value_in_enedis_spelling_wins_over_the_other_spelling() -> None:
    assert read({**THREE, "SINSTS2": "01234"}).measurements["SINSTS2"].value == 1234


def test_a_three_phase_meter_keeps_the_highest_power_of_phase_one() -> None:
    measurements = read(THREE).measurements
    assert (measurements["SMAXSN1"].value, measurements["SMAXSN-1"].value) == (4000, 8000)


def test_both_spellings_of_a_phases_power_are_one_label() -> None:
    assert THREE["SINST2"] == "02570"
    assert read(THREE).measurements["SINSTS2"].value == 2570
    enedis = {SPELLINGS.get(key, key): value for key, value in THREE.items()}
    assert read(enedis).measurements["SINSTS2"].value == 2570


def test_the_indexes_are_the_registers() -> None:
    assert read(HISTORIQUE).indexes == {"HCHC": 3820661, "HCHP": 7623409}
    indexes = read(THREE).indexes
    assert len(indexes) == 1 + 10 + 4 + 1 + 4
    assert (indexes["EAST"], indexes["EAIT"], indexes["ERQ4"]) == (15220678, 777000, 456789)


def test_the_status_relays_and_schedules_of_a_meter_are_read() -> None:
    reading = read(THREE)
    assert reading.status is not None
    assert reading.status.breaker is Breaker.OVERVOLTAGE
    assert reading.status.tempo_today is TempoColour.WHITE
    assert reading.relays == (True, False, False, False, False, False, False, True)
    assert [slot.begins.hour for slot in reading.schedules["PJOURF+1"]] == [0, 6, 22]
    assert read(SINGLE).schedules["PPOINTE"] == ()


def test_historique_has_neither_status_nor_relays() -> None:
    reading = read(HISTORIQUE)
    assert (reading.status, reading.relays) == (None, ())


WHOLE = read(THREE)


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "²", "H26|x", "9" * 200])
def test_one_malformed_value_is_left_out_and_named(value: str) -> None:
    for label in (*QUANTITIES, *SCHEDULES, "STGE", "RELAIS", "DATE"):
        reading = read(THREE, **{label: value})
        assert [*reading.malformed] == [label]
        assert label not in reading.measurements
        assert len(reading.measurements) >= len(WHOLE.measurements) - 1


def test_a_malformed_clock_of_historique_is_named() -> None:
    reading = read(HISTORIQUE, _HORLOGE="4294967296")
    assert (reading.time, [*reading.malformed]) == (None, ["_HORLOGE"])


def test_labels_beyond_the_samples_are_tolerated() -> None:
    extra = {"PAPP": "00420", "ADPS": "032", "DEMAIN": "BLEU", "PEJP": "30", "HHPHC": "A"}
    reading = read(HISTORIQUE, IINST="002", MOTDETAT="000000", UNHEARD_OF="?", **extra)
    assert reading.measurements["PAPP"] == Measurement(420, Quantity.APPARENT_POWER)
    assert reading.measurements["PEJP"] == Measurement(30, Quantity.DURATION)
    assert reading.texts["DEMAIN"] == "BLEU"
    assert reading.malformed == {}
    assert "UNHEARD_OF" not in {*reading.measurements, *reading.texts}


def test_the_identity_changes_with_the_meter_and_with_nothing_else() -> None:
    identity = read(SINGLE).identity
    assert read(SINGLE, EAST="1", ADSC="031000000043").identity != identity
    assert read(SINGLE, EAST="1").identity == identity == read(HISTORIQUE).identity
    assert len(identity) == 8
    assert read(SINGLE, ADSC="").identity == ""


def test_the_firmware_is_the_dongles() -> None:
    assert read(HISTORIQUE).firmware == "Dec 20 2016"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"_TYPE_TRAME": "PMEPMI", **NO_PROOF}, "_TYPE_TRAME: found 'PMEPMI', expected HISTORIQUE"),
        ({"_TYPE_TRAME": "", **NO_PROOF}, "_TYPE_TRAME: found ''"),
        ({"_TYPE_TRAME": "", "ADCO": "031000000042"}, "_TYPE_TRAME: found ''"),
        (dict.fromkeys(QUANTITIES.keys() | SPELLINGS.keys(), ""), "found no measurement"),
    ],
)
def test_what_is_no_reading_is_refused(changes: dict[str, str], reason: str) -> None:
    with pytest.raises(ProtocolError, match=reason):
        read(SINGLE, **changes)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("serials", [{}, {"ADSC": "", "ADCO": ""}], ids=["known", "empty"])
def test_labels_of_one_mode_prove_it(name: str, serials: dict[str, str]) -> None:
    right = SAMPLES[name]["_TYPE_TRAME"]
    reading = read(SAMPLES[name], _TYPE_TRAME="", **serials)
    assert reading.mode.value == right
    assert reading.malformed == {"_TYPE_TRAME": "missing"}
    for wrong in (right[:-1] + "#", right.lower()):
        reading = read(SAMPLES[name], _TYPE_TRAME=wrong, **serials)
        assert reading.mode.value == right
        assert wrong in reading.malformed["_TYPE_TRAME"]


def test_a_text_that_home_assistant_could_not_show_is_malformed() -> None:
    assert read(SINGLE, NGTF="v" * 255).texts["NGTF"] == "v" * 255
    assert [*read(SINGLE, NGTF="v" * 256).malformed] == ["NGTF"]


labels = st.sampled_from([*QUANTITIES, *TEXTS, *SCHEDULES, "STGE", "RELAIS", "DATE", "_HORLOGE"])


@given(st.sampled_from([SINGLE, THREE, HISTORIQUE]), st.dictionaries(labels, st.text(max_size=64)))
def test_no_value_whatever_refuses_the_reading(
    sample: dict[str, str], values: dict[str, str]
) -> None:
    reading = read(sample | values)
    assert set(reading.malformed) <= values.keys()


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_a_protocol_error(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse(strings(data, DEVICE))
