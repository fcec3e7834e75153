import json
from datetime import datetime

import pytest

from hems.protocols.ha_discovery import Entity, Platform
from hems.protocols.linky import Reading, parse
from hems.protocols.linky_entities import entities, state
from hems.protocols.linky_payload import fields as strings
from tests.protocols.samples import (
    DEVICE,
    HISTORIQUE,
    MINIMAL,
    SAMPLES,
    SINGLE,
    TEMPO,
    THREE,
    payload,
)

ADDED_BY_THE_WORKER = {"power_estimated", "last_frame", "firmware_update_wanted"}

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
BINARY_SENSOR_CLASSES = {"", "opening", "problem", "update"}


def read(fields: dict[str, str], **changes: str) -> Reading:
    return parse(strings(payload(fields, **changes), DEVICE))


def shown(fields: dict[str, str], **changes: str) -> dict[str, Entity]:
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
    found = entities(read(SAMPLES[name]))
    assert len({entity.key for entity in found}) == len(found)
    assert len({entity.name for entity in found}) == len(found)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_entity_finds_its_state(name: str) -> None:
    reading = read(SAMPLES[name])
    found = json.loads(json.dumps(state(reading)))
    for entity in entities(reading):
        assert {entity.key, *entity.attributes} <= found.keys() | ADDED_BY_THE_WORKER
        if entity.options:
            assert found[entity.key] in entity.options
        if entity.platform is Platform.BINARY_SENSOR and entity.key not in ADDED_BY_THE_WORKER:
            assert isinstance(found[entity.key], bool)
        if entity.device_class == "timestamp" and entity.key not in ADDED_BY_THE_WORKER:
            assert datetime.fromisoformat(found[entity.key]).tzinfo is not None


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_personal_is_shown(name: str) -> None:
    reading = read(SAMPLES[name])
    text = repr(entities(reading)) + json.dumps(state(reading))
    for personal in ("031000000042", "12345678901234", "adsc", "prm", "adco", reading.identity):
        assert personal not in text


def test_unused_registers_are_not_shown() -> None:
    found = shown(SINGLE)
    assert {"east", "easf01", "easf02"} <= found.keys()
    assert not {"easf03", "easf10", "easd03", "eait", "erq1"} & found.keys()


def test_a_register_is_shown_once_it_has_counted() -> None:
    assert shown(SINGLE, EASF03="000000001")["easf03"].name == "Energy index 3"
    assert shown(SINGLE, EAIT="000000001")["eait"].name == "Energy injected"


def test_the_distributors_registers_are_there_for_who_wants_them() -> None:
    assert not shown(SINGLE)["easd01"].is_enabled


def test_historique_has_its_registers_by_meaning_and_a_computed_total() -> None:
    found = shown(HISTORIQUE)
    assert (found["hchc"].name, found["hchp"].name) == ("Energy off-peak", "Energy peak")
    assert found["energy_total"].state_class == "total_increasing"
    assert state(read(HISTORIQUE))["energy_total"] == 3820661 + 7623409
    assert "energy_total" not in shown(SINGLE).keys() | state(read(SINGLE)).keys()


def test_a_single_phase_meter_shows_no_phases() -> None:
    found = shown(SINGLE)
    assert (found["irms1"].name, found["urms1"].name) == ("Current", "Voltage")
    assert not {"irms2", "urms3", "umoy2", "smaxsn1"} & found.keys()
    assert not {"iinst2", "iinst3"} & shown(HISTORIQUE).keys()


def test_a_three_phase_meter_shows_each_phase() -> None:
    found = shown(THREE)
    assert found["irms1"].name == "Current phase 1"
    assert {"irms3", "urms2", "umoy3", "sinsts2", "smaxsn1", "smaxsn1-1"} <= found.keys()
    assert {"iinst1", "iinst2", "iinst3"} <= shown(TEMPO).keys()


def test_the_highest_power_has_its_moment_as_an_attribute() -> None:
    found = shown(SINGLE)["smaxsn-1"]
    assert (found.device_class, found.state_class) == ("apparent_power", "")
    assert found.attributes == ("smaxsn-1_at",)
    assert state(read(SINGLE))["smaxsn-1_at"] == "2026-07-11T18:00:00+00:00"


def test_what_the_contract_fixes_is_diagnostic() -> None:
    found = shown(SINGLE) | shown(HISTORIQUE)
    for key in ("pref", "pcoup", "isousc", "imax", "ngtf", "optarif", "date", "last_frame"):
        assert found[key].is_diagnostic, key
        assert not found[key].state_class, key
    for key in ("east", "sinsts", "ltarf", "ptec", "power_estimated"):
        assert not found[key].is_diagnostic, key


def test_tempo_is_shown_once_a_colour_was_announced() -> None:
    assert "tempo_today" not in shown(SINGLE)
    found = state(read(THREE))
    assert {"tempo_today", "tempo_tomorrow"} <= shown(THREE).keys()
    assert (found["tempo_today"], found["tempo_tomorrow"]) == ("white", "white")
    assert "tempo_tomorrow" in shown(SINGLE, STGE="013A4401")
    assert state(read(SINGLE, STGE="013A4401"))["tempo_tomorrow"] == "not announced"


def test_the_status_is_shown_in_words_and_flags() -> None:
    found = state(read(SINGLE, STGE="003A44D9"))
    assert found["breaker"] == "remote order"
    assert (found["over_power"], found["overvoltage"], found["cover"]) == (True, True, True)
    assert state(read(SINGLE))["breaker"] == "closed"


def test_a_missing_status_is_unknown_rather_than_fine() -> None:
    reading = read(SINGLE, STGE="", RELAIS="")
    assert not {"breaker", "over_power", "relay"} & state(reading).keys()
    assert not {"breaker", "over_power", "relay"} & {entity.key for entity in entities(reading)}


def test_the_relay_is_the_dry_contact() -> None:
    assert [state(read(SINGLE, RELAIS=relays))["relay"] for relays in ("001", "254")] == [
        True,
        False,
    ]


def test_a_clock_without_time_is_null() -> None:
    assert state(read(SINGLE, DATE=""))["date"] is None
    assert "date" in shown(SINGLE, DATE="")


@pytest.mark.parametrize("fields", [MINIMAL, SINGLE])
def test_what_the_worker_adds_is_always_shown(fields: dict[str, str]) -> None:
    assert shown(fields).keys() >= ADDED_BY_THE_WORKER
    assert shown(fields)["power_estimated"].name == "Power estimated"
