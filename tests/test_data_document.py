"""docs/data.md names each topic and each JSON field that the workers publish."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hems
from hems.clients.mqtt.publisher import MqttPublisher
from hems.protocols.gateway import home_entities, joining_entities
from hems.protocols.gateway.home_entities import HomeParts
from hems.protocols.linky import linky_state, meter_reading
from hems.protocols.linky.d2l_payload import D2lPayload
from hems.protocols.mqtt.user_commands import command_topic
from hems.settings.mqtt import MqttSettings
from hems.workers.eesmart_d2l import EesmartD2l
from hems.workers.telemetry import Telemetry
from tests.protocols.linky.samples import SAMPLES
from tests.workers.eesmart_d2l import published as linky
from tests.workers.telemetry import test_gateway_publication as gateway
from tests.workers.telemetry.energy_summary import test_energy_summary as home

PAGE = (Path(hems.__file__).parents[1] / "docs" / "data.md").read_text(encoding="utf-8")
QUOTED = re.compile(r"`([^`\n]+)`")
UNIT = re.compile(r"unit_(?:led|watchdog)")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def published_topics() -> set[str]:
    meter, telemetry = linky.Published(), gateway.Published()
    meter.take(EAST=5000)
    telemetry.check_for(2)
    topics = set(meter.topics()) | {topic for topic, _ in telemetry.messages}
    topics |= home.published()
    for worker in (EesmartD2l, Telemetry):
        topics.add(MqttPublisher(MqttSettings(), "", "", worker.name).availability_topic)
    joining = MqttPublisher(MqttSettings(), "", "", joining_entities.NAME).availability_topic
    announced = joining_entities.announcement("homeassistant", "hems", gateway.DEVICE, "a", "1")
    topics |= {joining, announced[0]}
    topics |= {
        joining_entities.topic("hems", what) for what in ("state", "command/open", "command/name")
    }
    topics.add(command_topic("hems", "FIELD"))
    node = gateway.DEVICE.node.removeprefix("gateway_")
    for text, placeholder in ((linky.NAME, "ID"), (node, "ID")):
        topics = {topic.replace(text, placeholder) for topic in topics}
    topics = {re.sub(r"^homeassistant/", "PREFIX/", topic) for topic in topics}
    return {re.sub(r"^hems/", "BASE/", topic) for topic in topics}


def test_the_page_lists_every_topic_and_no_other() -> None:
    rows = re.findall(r"^\| `([A-Z]+/[^`]+)` \|", section("MQTT topics"), re.MULTILINE)
    assert set(rows) == published_topics()


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_page_lists_every_field_of_a_linky(name: str) -> None:
    state = linky_state.state(meter_reading.parse(D2lPayload(SAMPLES[name], {})))
    keys = {key.removesuffix("_at") for key in state}
    assert keys <= set(QUOTED.findall(section("Linky")))


def test_the_page_lists_every_field_of_the_home_with_its_name_and_unit() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| sensor \| ([^|]+) \| (\S+) \|", section("Home"), re.MULTILINE
    )
    everything = home_entities.entities(HomeParts(*[True] * 5), "CUR")
    assert {*rows} == {(one.key, one.name, one.unit or "-") for one in everything}
    assert home.state().keys() <= {*QUOTED.findall(section("Home"))}


def test_the_page_lists_every_field_of_the_gateway() -> None:
    telemetry = gateway.Published()
    telemetry.check_for(2)
    [state] = telemetry.of(gateway.STATE)
    keys = {UNIT.sub("unit_NAME", key) for key in state}
    assert keys <= set(QUOTED.findall(section("Gateway")))
