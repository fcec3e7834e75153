import re
import string
from ast import literal_eval
from typing import Any

import msgspec

from hems.protocols.gateway import gateway_entities
from hems.protocols.gateway.unit_health_report import GatewayProblem
from hems.protocols.home_assistant.entity_registry import DeviceEntities, RegistryEntry, nodes
from hems.protocols.home_assistant.smartcore_dashboard import (
    GATEWAY,
    HEALTH,
    MACHINE,
    POWER,
    TARIFF,
    dashboard,
)
from hems.protocols.linky.linky_entities import all_entities
from hems.protocols.meters.meter_roles import Role
from tests.fakes.meters import W, home

METER = DeviceEntities(
    "d2l_012345678901", {key: f"sensor.{key}" for key in ("east", "power_estimated")}
)
ROUTER = DeviceEntities("gateway_0123456789ab", {"internet": "sensor.i", "unit_led": "sensor.l"})


def sections(linkys: list[DeviceEntities], gateways: list[DeviceEntities]) -> list[dict[str, Any]]:
    (view,) = dashboard(linkys, (), {}, gateways)["views"]
    assert view["type"] == "sections"
    content: list[dict[str, Any]] = view["sections"]
    return content


def test_each_device_has_a_section_with_its_name() -> None:
    of_devices = sections([METER, METER], [ROUTER])
    assert [one["cards"][0]["heading"] for one in of_devices] == [
        "Linky 012345678901",
        "Linky 012345678901",
        "Gateway",
    ]


def test_other_meters_have_a_section_and_devices_share_one() -> None:
    here = home()
    for name in ("Main", "Fridge", "Car", "Shed"):
        device = here.device(name)
        here.entity(device, f"{name}-1-1794", W, name="Power")
        here.entity(device, f"{name}-1-1794-summation_delivered", name="Summation delivered")
    register = here.meters()
    known = dict.fromkeys((meter.id for meter in register), Role.DEVICE)
    known |= {"id-Main": Role.GRID, "id-Shed": Role.NONE}
    (view,) = dashboard((), register, known, ())["views"]
    grid, devices = view["sections"]
    assert [card.get("heading", card.get("name")) for card in grid["cards"][:3]] == [
        "Main",
        "Power",
        "Summation delivered",
    ]
    assert [card["type"] for card in grid["cards"][3:]] == ["history-graph", "statistics-graph"]
    heading, *tiles, days = devices["cards"]
    assert heading["heading"] == "Devices"
    assert [(tile["entity"], tile["name"]) for tile in tiles] == [
        ("sensor.Car-1-1794", "Car"),
        ("sensor.Fridge-1-1794", "Fridge"),
    ]
    assert [one["name"] for one in days["entities"]] == ["Car", "Fridge"]


def test_only_what_there_is_has_a_card() -> None:
    (meter,) = sections([METER], [])
    assert [one["type"] for one in meter["cards"]] == [
        "heading",
        "tile",
        "history-graph",
        "statistics-graph",
    ]
    (empty,) = sections([DeviceEntities("d2l_000000000001", {})], [])
    assert [one["type"] for one in empty["cards"]] == ["heading"]


def test_the_gateways_units_are_a_list() -> None:
    entities = {**ROUTER.entities, "unit_led_restarts": "sensor.r", "unit_watchdog": "sensor.w"}
    (gateway,) = sections([], [DeviceEntities(ROUTER.name, entities)])
    ids = [one["entity"] for one in gateway["cards"][-1]["entities"]]
    assert ids == ["sensor.l", "sensor.w"]


def test_a_tile_is_named_without_its_device() -> None:
    node = DeviceEntities(
        METER.name, {"power_estimated": "sensor.p"}, {"sensor.p": "Power estimated"}
    )
    (meter,) = sections([node], [])
    tile = {"type": "tile", "entity": "sensor.p", "name": "Power estimated"}
    assert meter["cards"][1] == tile


def test_a_graph_is_named_without_its_device() -> None:
    labels = {"sensor.power_estimated": "Power estimated", "sensor.east": "Energy total"}
    (meter,) = sections([DeviceEntities(METER.name, METER.entities, labels)], [])
    assert [one["entities"] for one in meter["cards"][2:]] == [
        [{"entity": "sensor.power_estimated", "name": "Power estimated"}],
        [{"entity": "sensor.east", "name": "Energy total"}],
    ]


def test_a_graph_hides_while_there_is_no_value() -> None:
    (gateway,) = sections([], [DeviceEntities(ROUTER.name, {"cpu_temperature": "sensor.t"})])
    hidden = {"condition": "state", "entity": "sensor.t", "state_not": "unknown"}
    assert gateway["cards"][-1]["visibility"] == [hidden]


def test_the_keys_are_those_of_our_devices() -> None:
    health = {one.key for one in gateway_entities.ENTITIES}
    assert {*HEALTH, *MACHINE} <= health
    assert {*POWER, *TARIFF} <= {one.key for one in all_entities()}


def test_the_gateways_node_is_found() -> None:
    node = gateway_entities.device("1234", "1.0").node
    assert [
        one.name for one in nodes([RegistryEntry("sensor.x", "mqtt", f"{node}_x")], GATEWAY)
    ] == [node]


def test_the_problems_have_a_card_that_hides_while_there_is_none() -> None:
    (gateway,) = sections([], [DeviceEntities(ROUTER.name, {"problem": "binary_sensor.p"})])
    [card] = [one for one in gateway["cards"] if one["type"] == "markdown"]
    assert card["visibility"] == [
        {"condition": "state", "entity": "binary_sensor.p", "state": "on"}
    ]
    assert "state_attr('binary_sensor.p', 'problems')" in card["content"]
    fields = set(re.findall(r"problem\.(\w+)", card["content"]))
    assert fields == {"title", "found", "since", "who", "what_to_do"}
    assert fields <= {field.name for field in msgspec.structs.fields(GatewayProblem)}


def test_no_word_of_a_problem_is_markdown_or_html() -> None:
    """A device chooses the words of its announcement, which Home Assistant shows on the page."""
    (gateway,) = sections([], [DeviceEntities(ROUTER.name, {"problem": "binary_sensor.p"})])
    [card] = [one for one in gateway["cards"] if one["type"] == "markdown"]
    assert re.findall(r"{{ problem\.(\w+)", card["content"]) == ["since"]  # shown as a time
    [(pattern, replacement)] = re.findall(r"regex_replace\(('.*?'), ('.*?')\)", card["content"])

    def plain(text: str) -> str:
        return re.sub(literal_eval(pattern), literal_eval(replacement), text)

    assert plain(string.punctuation) == "".join(f"\\{one}" for one in string.punctuation)
    assert plain("[a](https://b.c)") == r"\[a\]\(https\:\/\/b\.c\)"
    words = f"{string.ascii_letters}{string.digits} é\n"
    assert plain(words) == words
