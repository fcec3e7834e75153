"""What devices announce to the real Home Assistant: themselves, and nothing of others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from announcement_ledger import IDS
from entity_ids import entity_ids

from hems.protocols.gateway.problem_kinds import MQTT_ANNOUNCEMENT_REFUSED
from hems.settings.shared_secret_rules import HOME_ASSISTANT
from tests.e2e.gateway import DEVICES, Gateway, gateway
from tests.e2e.meter import TOTAL, Meter
from tests.e2e.visitor import Visitor
from tests.integration.mosquitto import Observer
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

PLUG, CAR = DEVICES
REFUSED = (MQTT_ANNOUNCEMENT_REFUSED.name, PLUG)
HEARD_S, FLOODED_S = 60.0, 120.0
PARTS, NAME_LENGTH = 80, 90  # of one announcement, which may have 16 KiB
MOST_IDS = IDS[1] // 2  # of each of the two logins
FLOOD = MOST_IDS // PARTS + 10
HONEST = {
    "name": "Power",
    "unique_id": "plug-power",
    "default_entity_id": "sensor.plug_power",
    "state_topic": "plug/power",
    "value_template": "{{ (value_json.p | float * 1000) | round(1) }}",
    "device": {"identifiers": ["plug"], "name": "Plug", "configuration_url": "http://192.0.2.7/"},
}
# Ids of others that are free: the gateway's, a meter's and the car's next ones.
FREE = ("sensor.gateway_next", "sensor.d2l_011601000099_papp", "sensor.car_power")
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"


@pytest.fixture(scope="module")
def plug(home: Gateway) -> Iterator[Observer]:
    with device(home, PLUG) as observer:
        yield observer


def device(home: Gateway, name: str, port: int = 1884) -> Observer:
    password = DEVICES[name] if port == 1884 else home.secret("MQTT_HOMEASSISTANT_PASSWORD")
    observer: Observer = home.site.lan.house.call(lambda: Observer(port, name, password))
    return observer


def announce(client: Observer, kind: str, path: str, payload: dict[str, Any]) -> None:
    client.publish(f"homeassistant/{kind}/{path}/config", json.dumps(payload), retain=True)


def registries(owner: Visitor) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the entities by id, and the devices by their identifiers."""
    entities = {one["entity_id"]: one for one in owner.command("config/entity_registry/list")}
    devices = owner.command("config/device_registry/list")
    return entities, {str(one["identifiers"]): one for one in devices}


def hears(owner: Visitor, plug: Observer, value: str) -> None:
    """Wait until the plug's entity shows a new value: everything before it has been taken."""
    plug.publish("plug/power", json.dumps({"p": value}), retain=True)
    watts = str(float(value) * 1000)
    eventually(lambda: owner.state("sensor.plug_power") == watts, HEARD_S, "the plug's value")


def test_a_device_announces_itself(owner: Visitor, plug: Observer) -> None:
    announce(plug, "sensor", "plug/power", HONEST)
    hears(owner, plug, "1.5")


def forged(car: str, gateway: dict[str, Any], meter: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what would take over the car, the gateway or the meter, or stop Home Assistant."""
    own = {"unique_id": "plug-x", "device": HONEST["device"], "state_topic": "plug/x"}
    identifiers = [one[1] for one in gateway["identifiers"]]
    stolen = {"identifiers": identifiers, "name": "Mine", "configuration_url": "http://192.0.2.7"}
    return [
        {**own, "value_template": ENDLESS},
        {**own, "value_template": "{{ 9 ** (9 ** 9) }}"},
        {**own, "value_template": "{{ states('sensor.car_range') }}"},
        {**own, "device": stolen},
        {**own, "device": {"identifiers": ["car"], "name": "Mine"}},
        {**own, "unique_id": meter["unique_id"]},
        {**own, "unique_id": "car-range"},
        {**own, "state_topic": car},
        *({**own, "default_entity_id": taken} for taken in FREE),
        {**own, "name": "Problem", "device": {"identifiers": ["plug"], "name": "Gateway"}},
        {**own, "device": {"identifiers": ["plug"], "configuration_url": "javascript:alert(1)"}},
    ]


def test_a_device_takes_over_nothing_and_stops_nothing(
    home: Gateway, owner: Visitor, plug: Observer, meter: Meter
) -> None:
    with device(home, CAR) as car, device(home, HOME_ASSISTANT, 1883) as inside:
        theirs = {"name": "Range", "unique_id": "car-range", "state_topic": "car/range"}
        theirs["default_entity_id"] = "sensor.car_range"
        announce(car, "sensor", "car/range", {**theirs, "device": {"identifiers": ["car"]}})
        car.publish("car/range", "300", retain=True)
        eventually(lambda: owner.state("sensor.car_range") == "300", HEARD_S, "the car")
        before = registries(owner)
        gateway = next(one for ids, one in before[1].items() if "'gateway_" in ids)
        inside.messages.clear()
        attacks = forged("car/range", gateway, before[0][TOTAL])
        for number, payload in enumerate(attacks):
            announce(plug, "sensor", f"plug/x{number}", payload)
        switch = {"unique_id": "plug-s", "command_topic": "car/set", "device": HONEST["device"]}
        announce(plug, "switch", "plug/s", switch)
        parts = {"s": {"platform": "switch", **switch}}
        whole = {"device": HONEST["device"], "origin": {"name": "x"}, "components": parts}
        announce(plug, "device", "plug/whole", whole)
        hears(owner, plug, "2.5")
        heard = {topic for topic, text in inside.messages if topic.endswith("/config") and text}
        assert not {topic for topic in heard if "/plug/" in topic}, heard
        assert registries(owner) == before
        assert owner.state("sensor.car_range") == "300"
        value = meter.push()
        eventually(lambda: owner.state(TOTAL) == value, HEARD_S, "the meter's reading")
    eventually(lambda: REFUSED in home.hems.problems(), HEARD_S, "it is reported")
    plug.publish("homeassistant/device/plug/whole/config", "", retain=True)
    eventually(lambda: REFUSED not in home.hems.problems(), HEARD_S, "it is over")


def test_home_assistant_itself_takes_no_script_as_an_address(
    home: Gateway, owner: Visitor, plug: Observer
) -> None:
    """What the broker's program does not have to know: other spellings of a script."""
    before = registries(owner)
    with device(home, HOME_ASSISTANT, 1883) as inside:
        for number, url in enumerate(("java\tscript:alert(1)", "file:///etc/passwd", "//x", "x")):
            it = {"identifiers": ["plug"], "configuration_url": url}
            payload = {"unique_id": f"plug-u{number}", "state_topic": "plug/u", "device": it}
            announce(inside, "sensor", f"plug/u{number}", payload)
        hears(owner, plug, "3.5")
        assert registries(owner) == before
        for number in range(4):
            inside.publish(f"homeassistant/sensor/plug/u{number}/config", "", retain=True)


NAMED: list[dict[str, Any]] = [
    {"default_entity_id": "switch.L'Été  n°1", "name": "x"},
    {"def_ent_id": "sensor.a.B-c", "device": {"identifiers": ["n"], "name": "N"}},
    {"name": "Prise d\u2019été", "device": {"identifiers": ["n1"], "name": "Œuvre"}},
    {"name": None, "device": {"identifiers": ["n2"], "name": "Œuvre 2"}},
    {"name": "Кухня 1,000", "device": {"identifiers": ["n3"], "name": "N 3", "sa": "Préau"}},
    {"device": {"identifiers": ["n4"], "name": "N 4"}},
    {"name": "N 5"},
]


def test_home_assistant_makes_the_entity_ids_that_are_checked(
    home: Gateway, owner: Visitor, plug: Observer
) -> None:
    with device(home, HOME_ASSISTANT, 1883) as inside:
        for number, payload in enumerate(NAMED):
            one = {"unique_id": f"plug-n{number}", "state_topic": "plug/n", **payload}
            announce(inside, "sensor", f"plug/n{number}", one)
        hears(owner, plug, "4.5")
        entities, _ = registries(owner)
        made = {one["unique_id"]: one["entity_id"] for one in entities.values()}
        for number, payload in enumerate(NAMED):
            named = json.loads(json.dumps(payload), object_pairs_hook=list)
            beginnings = tuple(f"sensor.{one}" for one in entity_ids(named) if one)
            assert made[f"plug-n{number}"].startswith(beginnings), beginnings
        for number in range(len(NAMED)):
            inside.publish(f"homeassistant/sensor/plug/n{number}/config", "", retain=True)
    areas = owner.command("config/area_registry/list")
    area = next(one["area_id"] for one in areas if one["name"] == "Préau")
    owner.command("config/area_registry/delete", area_id=area)


def test_a_flood_of_announcements_is_bounded_and_stops_neither_meters_nor_gateway(
    root: Path, tmp_path: Path
) -> None:
    with gateway(root, tmp_path) as home:
        home.power_on()
        owner, meter = Visitor(home.site), Meter(home.site)
        meter.push()
        with device(home, PLUG) as flooding:
            for number in range(FLOOD):
                flooding.send(f"homeassistant/device/plug/flood{number}/config", flood(number))
            eventually(lambda: REFUSED in home.hems.problems(), FLOODED_S, "it is reported")
        value = meter.push()
        eventually(lambda: owner.state(TOTAL) == value, FLOODED_S, "the meter's reading")
        entities, _ = registries(owner)
        made = [one for one in entities.values() if one["unique_id"].startswith("plug-flood")]
        assert MOST_IDS / 2 < len(made) <= MOST_IDS
        home.restart("hems")  # which reads all of them
        home.hems.until_settled()
        value = meter.push()
        eventually(lambda: owner.state(TOTAL) == value, FLOODED_S, "the meter's next reading")


def flood(number: int) -> str:
    """Return an announcement with as many entities as fit in, and names as long as they may be."""
    parts = {
        f"c{one}": {
            "p": "sensor",
            "uniq_id": f"plug-flood-{number}-{one}",
            "stat_t": "plug/f",
            "name": f"{number} {one} {'x' * NAME_LENGTH}",
        }
        for one in range(PARTS)
    }
    return json.dumps({"dev": HONEST["device"], "o": {"name": "x"}, "cmps": parts})
