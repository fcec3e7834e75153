"""Which entities a dongle has in Home Assistant through changes and restarts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hems.protocols.home_assistant import mqtt_discovery
from hems.protocols.home_assistant.mqtt_discovery import DiscoveryDevice, RemovedEntity
from hems.protocols.linky import linky_entities
from hems.protocols.linky.d2l_payload import fields
from hems.protocols.linky.meter_reading import MeterReading, parse
from hems.workers.eesmart_d2l.keep_or_remove_entities import CONFIRMED, DongleEntities
from tests.protocols.linky.samples import DEVICE, HISTORIQUE, SINGLE, THREE, payload

DISCOVERY = DiscoveryDevice("d2l_1", "Linky", "eeSmart", "D2L", "1")
OFF_PEAK = {**HISTORIQUE, "PTEC": "HP.."}
BASE = {**HISTORIQUE, "OPTARIF": "BASE", "BASE": "011444070", "HCHC": "", "HCHP": ""}
BASE |= {"PTEC": "TH.."}


def read(sample: dict[str, str], **changes: str) -> MeterReading:
    return parse(fields(payload(sample, **changes), DEVICE))


def take(entities: DongleEntities, sample: dict[str, str], **changes: str) -> bool:
    reading = read(sample, **changes)
    keys = {entity.key for entity in linky_entities.entities(reading)}
    return entities.take(reading, keys, is_whole=bool(reading.indexes), has_total=True)


def components(entities: DongleEntities) -> dict[str, Any]:
    sent = mqtt_discovery.config(DISCOVERY, entities.discovery(), "s", ["a"], "1")
    announced: dict[str, Any] = json.loads(json.dumps(sent))["components"]
    return announced


def shown(entities: DongleEntities) -> set[str]:
    return {key for key, component in components(entities).items() if len(component) > 1}


def removed(entities: DongleEntities) -> set[str]:
    return components(entities).keys() - shown(entities)


def restarted(entities: DongleEntities) -> DongleEntities:
    again = DongleEntities()
    again.remember(components(entities))
    return again


def test_a_dongle_is_shown_before_its_first_reading() -> None:
    entities = DongleEntities()
    assert entities.show_dongle()
    assert shown(entities) == {"last_frame", "firmware_update_wanted"}
    assert not entities.show_dongle()


def test_after_a_restart_the_discovery_is_published_once() -> None:
    entities = DongleEntities()
    take(entities, OFF_PEAK)
    again = restarted(entities)
    for _ in range(2):
        assert take(again, OFF_PEAK)
        components(again)
        assert not take(again, OFF_PEAK)
        again = restarted(again)
    assert again.show_dongle()


def test_an_entity_stays_while_its_value_is_absent() -> None:
    entities = DongleEntities()
    assert take(entities, OFF_PEAK)
    components(entities)
    for _ in range(2 * CONFIRMED):
        assert not take(entities, OFF_PEAK, PTEC="", IINST1="", OPTARIF="HC..")
    assert {"ptec", "iinst1"} <= shown(entities)
    assert not removed(entities)


@pytest.mark.parametrize("has_restarted", [False, True], ids=["running", "restarted"])
def test_the_entities_of_the_other_mode_are_removed(*, has_restarted: bool) -> None:
    entities = DongleEntities()
    for _ in range(CONFIRMED):
        take(entities, OFF_PEAK)
    if has_restarted:
        entities = restarted(entities)
    for _ in range(CONFIRMED - 1):
        take(entities, SINGLE)
    assert not removed(entities)
    assert take(entities, SINGLE)
    assert {"hchc", "hchp", "optarif", "ptec", "isousc", "imax", "iinst1"} <= removed(entities)
    assert {"energy_total", "east", "easf01", "irms1", "power_estimated"} <= shown(entities)
    assert components(entities)["hchc"] == {"platform": "sensor"}
    assert not take(entities, SINGLE)


def test_the_registers_of_the_other_contract_are_removed_each_time() -> None:
    entities = DongleEntities()
    for _ in range(2):
        for _ in range(CONFIRMED):
            take(entities, OFF_PEAK)
        assert {"hchc", "hchp", "ptec"} <= shown(entities)
        assert "base" not in shown(entities)
        for _ in range(CONFIRMED):
            take(entities, BASE)
        assert {"base", "ptec", "iinst1"} <= shown(entities)
        assert removed(entities) >= {"hchc", "hchp"}


def test_a_register_of_the_contract_before_is_removed_when_it_is_no_longer_known() -> None:
    entities, one_register = DongleEntities(), {"NGTF": "BASE", "EASF02": "000000000"}
    for _ in range(2):
        for _ in range(CONFIRMED):
            take(entities, SINGLE)
        assert {"easf01", "easf02"} <= shown(entities)
        for _ in range(CONFIRMED):
            take(entities, SINGLE, NGTF="BASE")  # it is held at its last value
        assert "easf02" in shown(entities)
        assert take(entities, SINGLE, **one_register)
        assert removed(entities) == {"easf02"}
        assert "easf01" in shown(entities)


def test_without_another_contract_a_register_that_is_no_longer_known_stays() -> None:
    entities = DongleEntities()
    for _ in range(CONFIRMED):
        take(entities, SINGLE)
    assert "easf02" in shown(entities)
    assert not take(entities, SINGLE, EASF02="000000000")
    assert "easf02" in shown(entities)


def test_short_frames_and_single_frames_remove_nothing() -> None:
    entities = DongleEntities()
    for _ in range(CONFIRMED):
        take(entities, OFF_PEAK)
    for _ in range(2 * CONFIRMED):
        take(entities, OFF_PEAK, OPTARIF="BASE", HCHC="", HCHP="", PTEC="")
        take(entities, BASE)
        take(entities, OFF_PEAK)
    assert not removed(entities)
    assert {"hchc", "hchp", "ptec"} <= shown(entities)


def test_after_a_restart_only_what_the_contract_cannot_have_is_removed() -> None:
    entities = DongleEntities()
    take(entities, OFF_PEAK, ADPS="35")
    again = restarted(entities)
    for _ in range(2 * CONFIRMED):
        take(again, BASE)
    assert removed(again) == {"hchc", "hchp"}
    assert "adps" in shown(again)


def test_what_was_removed_stays_so_through_restarts_and_may_come_back() -> None:
    entities = DongleEntities()
    for _ in range(CONFIRMED):
        take(entities, OFF_PEAK)
    for _ in range(CONFIRMED):
        take(entities, SINGLE)
    again = restarted(restarted(entities))
    assert removed(again) == removed(entities)
    assert shown(again) == shown(entities)
    take(again, OFF_PEAK)
    assert {"hchc", "optarif"} <= shown(again)


def test_what_no_release_knows_any_more_is_removed() -> None:
    entities = DongleEntities()
    entities.remember({"of_an_old_release": {"platform": "binary_sensor", "name": "x"}})
    assert components(entities) == {"of_an_old_release": {"platform": "binary_sensor"}}


def test_what_is_new_comes_first() -> None:
    entities = DongleEntities()
    for _ in range(CONFIRMED):
        take(entities, OFF_PEAK)
    for _ in range(CONFIRMED):
        take(entities, SINGLE)
    sent = entities.discovery()
    kinds = [isinstance(one, RemovedEntity) for one in sent]
    assert kinds == sorted(kinds, reverse=True)
    keys = [one.key for one in sent]
    assert keys.index("easf01") < keys.index("energy_total")


def test_names_follow_the_phases_and_nothing_else() -> None:
    entities = DongleEntities()
    take(entities, SINGLE)
    assert components(entities)["irms1"]["name"] == "Current"
    assert not entities.is_three_phase
    assert take(entities, THREE)
    assert components(entities)["irms1"]["name"] == "Current phase 1"
    assert entities.is_three_phase
    again = restarted(entities)
    assert again.is_three_phase
    assert components(again) == components(entities)


def test_a_total_that_was_announced_as_east_keeps_its_entity() -> None:
    earlier = {"east": {"platform": "sensor", "name": "Energy total"}}
    entities = DongleEntities()
    entities.remember({**earlier, "date": {"platform": "sensor", "name": "Meter clock"}})
    for _ in range(2):
        take(entities, SINGLE)
        announced = components(entities)
        assert "energy_total" not in announced
        assert announced["east"]["name"] == "Energy total"
        assert announced["east"]["unique_id"] == "d2l_1_east"
        assert "energy_total" in announced["east"]["value_template"]
        entities = restarted(entities)
    for _ in range(2 * CONFIRMED):
        take(entities, OFF_PEAK)
    assert "east" in shown(entities)
