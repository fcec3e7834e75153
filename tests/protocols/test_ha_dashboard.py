from typing import Any

from hems.protocols import gateway_entities
from hems.protocols.ha_dashboard import GATEWAY, HEALTH, MACHINE, POWER, TARIFF, dashboard
from hems.protocols.ha_registry import Listed, Node, nodes
from hems.protocols.linky_entities import ALWAYS, TEMPO
from hems.protocols.linky_names import LIVE, TEXTS

METER = Node("d2l_012345678901", {key: f"sensor.{key}" for key in ("east", "power_estimated")})
ROUTER = Node("gateway_0123456789ab", {"internet": "sensor.i", "unit_led": "sensor.l"})


def sections(meters: list[Node], gateways: list[Node]) -> list[dict[str, Any]]:
    (view,) = dashboard(meters, gateways)["views"]
    assert view["type"] == "sections"
    found: list[dict[str, Any]] = view["sections"]
    return found


def test_each_device_has_a_section_with_its_name() -> None:
    found = sections([METER, METER], [ROUTER])
    assert [one["cards"][0]["heading"] for one in found] == [
        "Linky 012345678901",
        "Linky 012345678901",
        "Gateway",
    ]


def test_only_what_there_is_has_a_card() -> None:
    (meter,) = sections([METER], [])
    assert [one["type"] for one in meter["cards"]] == [
        "heading",
        "tile",
        "history-graph",
        "statistics-graph",
    ]
    (empty,) = sections([Node("d2l_000000000001", {})], [])
    assert [one["type"] for one in empty["cards"]] == ["heading"]


def test_the_gateways_units_are_a_list() -> None:
    entities = {**ROUTER.entities, "unit_led_restarts": "sensor.r", "unit_watchdog": "sensor.w"}
    (gateway,) = sections([], [Node(ROUTER.name, entities)])
    shown = [one["entity"] for one in gateway["cards"][-1]["entities"]]
    assert shown == ["sensor.l", "sensor.w"]


def test_a_tile_is_named_without_its_device() -> None:
    node = Node(METER.name, {"power_estimated": "sensor.p"}, {"sensor.p": "Power estimated"})
    (meter,) = sections([node], [])
    tile = {"type": "tile", "entity": "sensor.p", "name": "Power estimated"}
    assert meter["cards"][1] == tile


def test_a_graph_is_named_without_its_device() -> None:
    labels = {"sensor.power_estimated": "Power estimated", "sensor.east": "Energy total"}
    (meter,) = sections([Node(METER.name, METER.entities, labels)], [])
    assert [one["entities"] for one in meter["cards"][2:]] == [
        [{"entity": "sensor.power_estimated", "name": "Power estimated"}],
        [{"entity": "sensor.east", "name": "Energy total"}],
    ]


def test_a_graph_hides_while_there_is_no_value() -> None:
    (gateway,) = sections([], [Node(ROUTER.name, {"cpu_temperature": "sensor.t"})])
    hidden = {"condition": "state", "entity": "sensor.t", "state_not": "unknown"}
    assert gateway["cards"][-1]["visibility"] == [hidden]


def test_the_keys_are_those_of_our_devices() -> None:
    health = {one.key for one in gateway_entities.ENTITIES}
    assert {*HEALTH, *MACHINE} <= health
    live = {one.lower() for one in (*LIVE, *TEXTS)} | {one.key for one in (*ALWAYS, *TEMPO)}
    assert {*POWER, *TARIFF} <= live | {"over_power"}


def test_the_gateways_node_is_found() -> None:
    node = gateway_entities.device("1234", "1.0").node
    assert [one.name for one in nodes([Listed("sensor.x", "mqtt", f"{node}_x")], GATEWAY)] == [node]
