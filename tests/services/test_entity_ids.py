"""Which entity ids Home Assistant gives to what is announced."""

from __future__ import annotations

import pytest
from device_rights import Rights
from entity_ids import LONGEST, slug

from hems.protocols.gateway import gateway_entities
from hems.protocols.home_assistant import mqtt_discovery
from hems.protocols.home_assistant.mqtt_discovery import DiscoveryDevice
from hems.protocols.linky import linky_entities

# As python-slugify writes them.
SLUGS = {
    "Salon  lampe": "salon_lampe",
    "Prise de l\u2019été": "prise_de_lete",
    "Prise de l'été": "prise_de_l_ete",
    "Œuvre n°5": "oeuvre_ndeg5",
    "Кухня": "kukhnia",
    "1,000.5": "1000_5",
    "__x--y__": "x_y",
    "\uff27\uff21teway": "gateway",
    "Salon & Cuisine; été": "salon_cuisine_ete",
    "🔌": "",
    "": "",
}


@pytest.mark.parametrize("name", SLUGS)
def test_a_name_becomes_part_of_an_id(name: str) -> None:
    assert slug(name) == SLUGS[name]
    assert slug(SLUGS[name]) == SLUGS[name]


def test_no_name_hides_its_beginning_or_is_long() -> None:
    assert slug("-" * 10_000 + "gateway" + "x" * 10_000) == "gateway".ljust(LONGEST, "x")
    for reference in ("&#103;ateway", "&#x67;ateway", "&amp;x"):
        with pytest.raises(ValueError, match="reference"):
            slug(reference)


def test_nobody_else_has_ids_like_the_gateways_and_its_meters() -> None:
    devices = {
        gateway_entities.device("0123", "1"): gateway_entities.entities(["led"]),
        DiscoveryDevice("d2l_021861000123", "", "", "", ""): linky_entities.all_entities(),
    }
    rights = Rights("user plug\ntopic readwrite plug/#\ntopic read homeassistant/status\n")
    for device, entities in devices.items():
        announced = mqtt_discovery.config(device, entities, "s", ("a",), "1")["components"]
        assert isinstance(announced, dict)
        assert len(announced) > 10
        for one in announced.values():
            entity_id = one["default_entity_id"].partition(".")[2]
            assert rights.other_entities("plug", entity_id) in ("gateway", "d2l")
