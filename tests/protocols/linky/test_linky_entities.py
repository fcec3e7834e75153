import json
from datetime import datetime

import pytest

from hems.protocols.home_assistant.mqtt_discovery import Entity, Platform
from hems.protocols.linky.d2l_payload import fields as strings
from hems.protocols.linky.linky_entities import all_entities, entities
from hems.protocols.linky.linky_state import change_state, state
from hems.protocols.linky.meter_reading import MeterReading, parse
from hems.protocols.linky.next_tariff_change import TariffChange
from tests.protocols.linky.samples import (
    DEVICE,
    HISTORIQUE,
    MINIMAL,
    SAMPLES,
    SINGLE,
    TEMPO,
    THREE,
    payload,
)

ALWAYS_ADDED = {"power_estimated", "last_frame", "firmware_update_wanted"}
ADDED_BY_THE_WORKER = ALWAYS_ADDED | {
    *("next_tariff_change", "next_tariff_index", "next_tariff_name", "schedule_today"),
}

# Home Assistant 2025.3, components/sensor/const.py: units and state classes of a class.
SENSOR_RULES: dict[str, tuple[set[str], set[str]]] = {
    "": ({"", "VArh"}, {"", "total_increasing"}),
    "apparent_power": ({"VA"}, {"", "measurement"}),
    "current": ({"A"}, {"", "measurement"}),
    "energy": ({"Wh"}, {"total_increasing"}),
    "enum": ({""}, {""}),
    "power": ({"W"}, {"measurement"}),
    "timestamp": ({""}, {""}),
    "voltage": ({"V"}, {"measurement"}),
}
BINARY_SENSOR_CLASSES = {"", "connectivity", "opening", "problem", "update"}


def read(fields: dict[str, str], **changes: str) -> MeterReading:
    return parse(strings(payload(fields, **changes), DEVICE))


def entities_of(fields: dict[str, str], **changes: str) -> dict[str, Entity]:
    return {entity.key: entity for entity in entities(read(fields, **changes))}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_entity_keeps_home_assistants_rules(name: str) -> None:
    for entity in entities(read(SAMPLES[name])):
        if entity.platform is Platform.BINARY_SENSOR:
            assert entity.device_class in BINARY_SENSOR_CLASSES
            assert not entity.unit + entity.state_class
            continue
        units, state_classes = SENSOR_RULES[entity.device_class]
        assert entity.unit in units, entity
        assert entity.state_class in state_classes, entity
        assert bool(entity.options) == (entity.device_class == "enum"), entity


@pytest.mark.parametrize("name", SAMPLES)
def test_keys_and_names_are_unique(name: str) -> None:
    of_sample = entities(read(SAMPLES[name]))
    assert len({entity.key for entity in of_sample}) == len(of_sample)
    assert len({entity.name for entity in of_sample}) == len(of_sample)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_entity_finds_its_state(name: str) -> None:
    reading = read(SAMPLES[name])
    values = json.loads(json.dumps(state(reading)))
    for entity in entities(reading):
        assert {entity.key, *entity.attributes} <= values.keys() | ADDED_BY_THE_WORKER
        if entity.options:
            assert values[entity.key] in (None, *entity.options)
        if entity.platform is Platform.BINARY_SENSOR and entity.key not in ADDED_BY_THE_WORKER:
            assert isinstance(values[entity.key], bool)
        if entity.device_class == "timestamp" and entity.key not in ADDED_BY_THE_WORKER:
            assert datetime.fromisoformat(values[entity.key]).tzinfo is not None


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_personal_is_shown(name: str) -> None:
    reading = read(SAMPLES[name])
    text = repr(entities(reading)) + json.dumps(state(reading))
    for personal in ("031000000042", "12345678901234", "adsc", "prm", "adco", reading.identity):
        assert personal not in text


def test_unused_registers_are_not_shown() -> None:
    entities = entities_of(SINGLE)
    assert {"east", "easf01", "easf02"} <= entities.keys()
    assert not {"easf03", "easf10", "easd03", "eait", "erq1"} & entities.keys()


def test_a_register_is_shown_once_it_has_counted() -> None:
    assert entities_of(SINGLE, EASF03="000000001")["easf03"].name == "Energy index 3"
    assert entities_of(SINGLE, EAIT="000000001")["eait"].name == "Energy injected"


def test_the_distributors_registers_are_there_for_who_wants_them() -> None:
    assert not entities_of(SINGLE)["easd01"].is_enabled


def test_historique_has_its_registers_by_meaning() -> None:
    entities = entities_of(HISTORIQUE)
    assert (entities["hchc"].name, entities["hchp"].name) == ("Energy off-peak", "Energy peak")


def test_the_total_is_an_entity_that_the_worker_adds() -> None:
    total = next(entity for entity in all_entities() if entity.key == "energy_total")
    assert (total.name, total.state_class) == ("Energy total", "total_increasing")
    for sample in (HISTORIQUE, SINGLE):
        assert "energy_total" not in entities_of(sample).keys() | state(read(sample)).keys()


def test_a_single_phase_meter_shows_no_phases() -> None:
    entities = entities_of(SINGLE)
    assert (entities["irms1"].name, entities["urms1"].name) == ("Current", "Voltage")
    assert not {"irms2", "urms3", "umoy2", "smaxsn1"} & entities.keys()
    assert not {"iinst2", "iinst3"} & entities_of(HISTORIQUE).keys()


def test_a_three_phase_meter_shows_each_phase() -> None:
    entities = entities_of(THREE)
    assert entities["irms1"].name == "Current phase 1"
    assert {"irms3", "urms2", "umoy3", "sinsts2", "smaxsn1", "smaxsn1-1"} <= entities.keys()
    assert {"iinst1", "iinst2", "iinst3"} <= entities_of(TEMPO).keys()


def test_the_highest_power_has_its_moment_as_an_attribute() -> None:
    entities = entities_of(SINGLE)["smaxsn-1"]
    assert (entities.device_class, entities.state_class) == ("apparent_power", "")
    assert entities.attributes == ("smaxsn-1_at",)
    assert state(read(SINGLE))["smaxsn-1_at"] == "2026-07-11T18:00:00+00:00"


def test_what_the_contract_fixes_is_diagnostic() -> None:
    entities = entities_of(SINGLE) | entities_of(HISTORIQUE)
    for key in ("pref", "pcoup", "isousc", "imax", "ngtf", "optarif", "date", "last_frame"):
        assert entities[key].is_diagnostic, key
        assert not entities[key].state_class, key
    for key in ("east", "sinsts", "ltarf", "ptec", "power_estimated"):
        assert not entities[key].is_diagnostic, key


def test_tempo_is_shown_once_a_colour_was_announced() -> None:
    assert "tempo_today" not in entities_of(SINGLE).keys() | state(read(SINGLE)).keys()
    values = state(read(THREE))
    assert {"tempo_today", "tempo_tomorrow"} <= entities_of(THREE).keys()
    assert (values["tempo_today"], values["tempo_tomorrow"]) == ("white", "white")
    assert "tempo_tomorrow" in entities_of(SINGLE, STGE="013A4401")
    assert state(read(SINGLE, STGE="013A4401"))["tempo_tomorrow"] == "not announced"


@pytest.mark.parametrize(
    ("ptec", "demain", "today", "tomorrow"),
    [
        ("HCJB", "BLEU", "blue", "blue"),
        ("HPJW", "BLAN", "white", "white"),
        ("HPJR", "ROUG", "red", "red"),
        ("HCJR", "----", "red", "not announced"),
        ("HCJB", "", "blue", None),
        ("", "ROUG", None, "red"),
        ("H?JB", "BLE", None, None),
    ],
)
def test_tempos_colours_are_the_same_words_in_historique(
    ptec: str, demain: str, today: str | None, tomorrow: str | None
) -> None:
    values = state(read(TEMPO, PTEC=ptec, DEMAIN=demain))
    assert (values["tempo_today"], values["tempo_tomorrow"]) == (today, tomorrow)
    historique, standard = entities_of(TEMPO), entities_of(THREE)
    assert historique["tempo_tomorrow"] == standard["tempo_tomorrow"]
    assert "tempo_today" not in entities_of(HISTORIQUE)


def test_tempos_registers_are_shown_from_the_first_day() -> None:
    zeros = {label: "0" * 9 for label in TEMPO if label.startswith("BBR")}
    assert {label.lower() for label in zeros} <= entities_of(TEMPO, **zeros).keys()
    new = dict.fromkeys((f"EASF{number:02d}" for number in range(1, 11)), "0" * 9)
    entities = entities_of(SINGLE, NGTF="      TEMPO     ", **new).keys()
    assert {"easf01", "easf02", "easf03", "easf04", "easf05", "easf06"} <= entities
    assert not {"easf07", "easf10"} & entities
    assert not {"hchc", "base", "ejphn"} & entities_of(TEMPO, HCHC="0" * 9, BASE="0" * 9).keys()
    assert {"ejphn", "ejphpm"} <= entities_of(
        MINIMAL, OPTARIF="EJP.", EJPHN="000000001", EJPHPM="000000000"
    ).keys()


def test_a_peak_and_its_notice_are_shown_with_their_times() -> None:
    values = state(read(THREE))  # its status says: notice of peak 3 while peak 2 is in progress
    assert (values["peak_notice"], values["peak"]) == (True, True)
    assert (values["peak_notice_number"], values["peak_number"]) == (3, 2)
    assert values["peak_begins"] is None
    assert values["peak_schedule"] == "06:00 index 3"
    dated = {"DPM3": "H201209060000|00", "FPM3": "H201210010000|00"}
    values = state(read(THREE, **dated))
    assert values["peak_begins"] == "2020-12-09T05:00:00+00:00"
    assert values["peak_ends"] == "2020-12-10T00:00:00+00:00"
    assert {"peak_begins", "peak_ends"} <= {*entities_of(THREE)["peak_notice"].attributes}


def test_a_peak_is_announced_by_its_date_before_the_notice() -> None:
    later, sooner = "E260716070000|00", "E260715070000|00"
    values = state(read(SINGLE, DPM1=later, DPM2=sooner, FPM2="E260716010000|00"))
    assert (values["peak_notice"], values["peak"], values["peak_notice_number"]) == (True, False, 2)
    assert values["peak_begins"] == "2026-07-15T05:00:00+00:00"
    assert values["peak_ends"] == "2026-07-15T23:00:00+00:00"
    assert {"peak_notice", "peak"} <= entities_of(SINGLE, DPM1=later).keys()


@pytest.mark.parametrize(
    "text", ["E260715070000|00", "E26071507|00", "E260715070000", "E26071507|"]
)
def test_the_begin_of_a_peak_is_found_in_each_form(text: str) -> None:
    assert state(read(SINGLE, DPM1=text))["peak_begins"] == "2026-07-15T05:00:00+00:00"


def test_a_peak_without_a_date_is_not_announced() -> None:
    values = {"DPM1": "00", "DPM2": "|", "DPM3": " ", "FPM1": "|00"}
    assert "peak_notice" not in state(read(SINGLE, **values))
    assert not read(SINGLE, **values).malformed
    assert set(read(SINGLE, DPM1="E261315070000|00").malformed) == {"DPM1"}


def test_a_peak_that_has_begun_is_not_announced() -> None:
    begun = {"STGE": "403A4401", "DPM1": "E260712070000|00", "FPM1": "E260713010000|00"}
    values = state(read(SINGLE, **begun))
    assert (values["peak_notice"], values["peak"], values["peak_number"]) == (False, True, 1)
    assert values["peak_begins"] == "2026-07-12T05:00:00+00:00"
    assert values["peak_ends"] == "2026-07-12T23:00:00+00:00"


@pytest.mark.parametrize(
    ("values", "notice", "peak"),
    [
        ({"PTEC": "HN.."}, False, False),
        ({"PTEC": "HN..", "PEJP": "30"}, True, False),
        ({"PTEC": "PM..", "PEJP": "00"}, False, True),
        ({"PTEC": "PM"}, False, True),
        ({}, False, None),
    ],
)
def test_ejp_has_the_same_peaks_in_historique(
    values: dict[str, str], notice: bool, peak: bool | None
) -> None:
    published = state(read(MINIMAL, OPTARIF="EJP.", **values))
    assert (published["peak_notice"], published["peak"]) == (notice, peak)
    assert published["peak_notice_min"] == (30 if notice else None)
    assert {"peak_notice", "peak"} <= entities_of(MINIMAL, OPTARIF="EJP.").keys()


@pytest.mark.parametrize("fields", [SINGLE, HISTORIQUE, MINIMAL, TEMPO])
def test_a_contract_without_peaks_shows_none(fields: dict[str, str]) -> None:
    assert not {"peak", "peak_notice"} & (entities_of(fields).keys() | state(read(fields)).keys())


def test_the_next_change_is_shown_where_a_day_has_two_tariffs() -> None:
    assert entities_of(SINGLE)["next_tariff_change"].device_class == "timestamp"
    tomorrow = state(read(SINGLE))["schedule_tomorrow"]
    assert tomorrow == "00:00 index 1, 06:00 index 2, 22:00 index 1"
    base = {"PJOURF+1": "00008001 06008000 NONUTILE"}
    assert "next_tariff_change" not in entities_of(SINGLE, **base)
    assert change_state(TariffChange(1_784_000_000, 2, "HP")) == {
        "next_tariff_change": "2026-07-14T03:33:20+00:00",
        "next_tariff_index": 2,
        "next_tariff_name": "HP",
        "schedule_today": None,
    }
    assert change_state(None) == {}


@pytest.mark.parametrize(
    ("values", "is_over"),
    [
        ({}, False),
        ({"ADPS": "031"}, True),
        ({"ADIR1": "046"}, True),
        ({"ADIR1": "0", "ADIR2": "000"}, False),
        ({"IINST1": "30"}, False),
        ({"IINST1": "31"}, True),
        ({"IINST1": "", "IINST2": "", "IINST3": "", "ADIR3": "046"}, True),
    ],
)
def test_historique_shows_that_the_home_is_above_its_power(
    values: dict[str, str], is_over: bool
) -> None:
    assert state(read(HISTORIQUE, **values))["over_power"] is is_over
    assert entities_of(HISTORIQUE, **values)["over_power"].device_class == "problem"


def test_without_a_current_nothing_is_said_about_the_power() -> None:
    assert "over_power" not in entities_of(MINIMAL).keys() | state(read(MINIMAL)).keys()


def test_the_current_of_an_overload_is_shown_once_there_was_one() -> None:
    assert not {"adps", "adir1"} & entities_of(HISTORIQUE, ADIR1="0").keys()
    assert entities_of(HISTORIQUE, ADPS="031")["adps"].name == "Overload current"
    assert entities_of(TEMPO)["adir2"].name == "Overload current phase 2"


def test_the_measured_watts_have_the_time_of_their_interval() -> None:
    watts = entities_of(SINGLE)["ccasn"]
    assert (watts.device_class, watts.state_class, watts.unit) == ("power", "measurement", "W")
    assert watts.attributes == ("ccasn_at",)
    assert state(read(SINGLE))["ccasn_at"] == "2026-07-12T12:00:00+00:00"
    assert "ccasn-1" in entities_of(SINGLE)
    assert not {"ccain", "ccain-1"} & entities_of(SINGLE, CCAIN="E26071214|00000").keys()


def test_a_producers_power_is_signed() -> None:
    entities = entities_of(THREE)
    assert {"ccain", "ccain-1", "sinsti", "smaxin", "energy_direction"} <= entities.keys()
    net = entities["apparent_power_net"]
    assert (net.device_class, net.unit, net.name) == ("apparent_power", "VA", "Net apparent power")
    assert state(read(THREE))["apparent_power_net"] == 3500
    exporting = state(read(THREE, SINSTS="00000", SINSTI="01200"))
    assert exporting["apparent_power_net"] == -1200
    assert "apparent_power_net" not in state(read(THREE, SINSTI=""))
    for key in ("apparent_power_net", "energy_direction", "sinsti"):
        assert key not in entities_of(SINGLE, SINSTI="00000")


@pytest.mark.parametrize(
    ("bit", "key", "off", "on"),
    [
        (0, "relay", True, False),
        (8, "producer", False, True),
        (9, "energy_direction", "import", "export"),
        (10, "supplier_index", 1, 2),
        (14, "distributor_index", 1, 2),
        (16, "clock_degraded", False, True),
        (19, "euridis", "off", "without security"),
        (22, "plc", "new unlocked", "registered"),
        (23, "plc_synchronised", False, True),
    ],
)
def test_each_field_of_the_status_register_is_published(
    bit: int, key: str, off: object, on: object
) -> None:
    values = {"RELAIS": ""}
    for status, expected in ((0, off), (1 << bit, on)):
        values["STGE"] = f"{status:08X}"
        assert state(read(SINGLE, **values))[key] == expected
    assert key in entities_of(SINGLE, **values)


def test_a_degraded_clock_is_a_problem_of_the_meter() -> None:
    for changes in ({"DATE": "e260712143005"}, {"STGE": "003B4401"}):
        assert state(read(SINGLE, **changes))["clock_degraded"] is True
    entity = entities_of(SINGLE)["clock_degraded"]
    assert (entity.device_class, entity.is_diagnostic) == ("problem", True)
    assert "clock_degraded" not in entities_of(HISTORIQUE)
    assert "clock_degraded" not in state(read(SINGLE, STGE="", DATE=""))


def test_a_missing_status_is_unknown_rather_than_fine() -> None:
    reading = read(SINGLE, STGE="", RELAIS="")
    assert not {"breaker", "over_power", "relay"} & state(reading).keys()
    assert not {"breaker", "over_power", "relay"} & {entity.key for entity in entities(reading)}


def test_the_relay_is_the_dry_contact() -> None:
    assert entities_of(SINGLE)["relay"].name == "Dry contact"
    assert [state(read(SINGLE, RELAIS=relays))["relay"] for relays in ("001", "254")] == [
        True,
        False,
    ]


def test_a_clock_without_time_is_null() -> None:
    assert state(read(SINGLE, DATE=""))["date"] is None
    assert "date" in entities_of(SINGLE, DATE="")


@pytest.mark.parametrize("fields", [MINIMAL, SINGLE])
def test_what_the_worker_adds_is_always_shown(fields: dict[str, str]) -> None:
    assert entities_of(fields).keys() >= ALWAYS_ADDED
    assert entities_of(fields)["power_estimated"].name == "Power estimated"
