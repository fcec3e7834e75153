from dataclasses import replace
from typing import Any

import pytest

from hems.protocols.gateway import gateway_entities
from hems.protocols.gateway.gateway_entities import GATEWAY, RebootState
from hems.protocols.gateway.watchdog_report import Internet
from hems.protocols.home_assistant import gateway_page
from hems.protocols.home_assistant.entity_registry import RegistryEntry, nodes
from hems.protocols.home_assistant.page_audiences import Audience
from hems.protocols.home_assistant.page_content import PageContent
from hems.protocols.meters.meter_roles import Role
from tests.protocols.home_assistant.pages import cards, full, headings

OWN = "sensor.gateway_0123456789ab_"


def page(content: PageContent, language: str = "en") -> dict[str, Any]:
    return gateway_page.view(content, Audience(language))


def test_every_entity_of_the_gateway_is_on_the_page() -> None:
    text = str(page(full()))
    every = [one.key for one in gateway_entities.entities(["led", "watchdog"])]
    assert [key for key in every if f"{OWN}{key}" not in text] == []


def test_each_part_has_a_section() -> None:
    names = ["State", "Meters", "Zigbee", "Units", "Machine", "Tests"]
    assert headings(page(full())) == names
    assert page(PageContent())["sections"] == []
    without_linky = replace(full(), linkys=(), meters=())
    assert "Meters" not in headings(page(without_linky))


def test_each_meter_has_its_role_its_values_its_age_and_its_signal() -> None:
    [meters] = [card["content"] for card in cards(page(full())) if "Fridge" in str(card)]
    [fridge] = [line for line in meters.split("\n\n") if "Fridge" in line]
    assert "(device)" in fridge
    assert "watts('sensor.Fridge-1-1794')" in fridge
    assert "kwh('sensor.Fridge-1-1794-summation_delivered')" in fridge
    assert (
        f"(state_attr('{OWN}last_reading_age', 'reading_ages') or {{}}).get(\"Fridge\")" in fridge
    )
    assert "states('sensor.fridge_lqi')" in fridge
    assert "Linky 012345678901" in meters
    assert "(not counted)" in meters


def test_a_meter_with_channels_has_the_age_of_its_device() -> None:
    content = full()
    [fridge] = [one for one in content.meters if one.name == "Fridge"]
    channel = replace(fridge, name="Fridge 2")
    [text] = [
        card["content"]
        for card in cards(page(replace(content, meters=(channel,))))
        if "Fridge 2" in str(card)
    ]
    assert '.get("Fridge")' in text


def test_a_linky_has_the_role_that_a_person_gave_it() -> None:
    content = full()
    [linky] = content.linkys
    [text] = [card["content"] for card in cards(page(content)) if "Linky 0" in str(card)]
    assert 'Linky 012345678901") }}** (grid)' in text
    other = replace(content, roles={**content.roles, linky.name: Role.NONE})
    [text] = [card["content"] for card in cards(page(other)) if "Linky 0" in str(card)]
    assert 'Linky 012345678901") }}** (not counted)' in text
    assert replace(other, homes=()).entity("power_estimated") is None
    assert replace(content, homes=()).entity("power_estimated") is not None


def test_each_state_of_internet_and_reboots_has_its_tile() -> None:
    tiles = [card for card in cards(page(full())) if card["type"] == "tile"]
    states = [
        [
            one["state"]
            for card in tiles
            if card["entity"] == f"{OWN}{key}"
            for one in card["visibility"]
        ]
        for key in ("internet", "reboots")
    ]
    assert states == [list(Internet), list(RebootState)]
    assert {*gateway_page.UNITS} == {*gateway_entities.UNIT_STATES}


@pytest.mark.parametrize(
    ("button", "asks"), [("blink_leds", False), ("restart_mqtt", True), ("zigbee_joining", False)]
)
def test_a_button_is_pressed_and_a_restart_asks_before(button: str, asks: bool) -> None:
    [tile] = [card for card in cards(page(full())) if card.get("entity") == f"{OWN}{button}"]
    press = tile["tap_action"]
    assert press["perform_action"] == "button.press"
    assert press["target"] == {"entity_id": f"{OWN}{button}"}
    assert ("confirmation" in press) is asks
    assert tile["icon_tap_action"] == press


def test_the_name_of_a_service_is_translated_too() -> None:
    names = [card.get("name") for card in cards(page(full(), "fr"))]
    assert "Redémarrer l'éditeur de fichiers" in names


def test_the_gateways_node_is_found() -> None:
    node = gateway_entities.device("1234", "1.0").node
    entries = [RegistryEntry("sensor.x", "mqtt", f"{node}_x")]
    assert [one.name for one in nodes(entries, GATEWAY)] == [node]
