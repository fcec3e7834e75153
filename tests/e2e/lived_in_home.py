"""A home that looks lived in: numbers of the device Home, plugs, and a day of statistics.

The numbers of Home are those of a simulated day. They come from a second device of that name, whose
node is before that of the worker telemetry: so the pages show them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hems import __version__
from hems.protocols.home_assistant import mqtt_discovery
from hems.protocols.home_assistant.mqtt_discovery import DiscoveryDevice, Entity
from hems.settings.shared_secret_rules import HOME_ASSISTANT
from tests.e2e.gateway import Gateway
from tests.e2e.visitor import Visitor
from tests.integration.mosquitto import Observer

NODE, STATE, HOURS = "home_000000000000", "lived-in/state", 48
HOURLY_WH = (310, 280, 270, 260, 290, 420, 980, 1250, 760, 540, 480, 690)  # of two hours
PLUGS = {"Lave-vaisselle": (1830, 1.24), "Chauffe-eau": (2210, 6.8), "Pompe à chaleur": (890, 9.1)}
NOW = datetime.now(UTC)
VALUES: dict[str, object] = {
    "power_now": 4120,
    "subscribed_power": 9000,
    "energy_today": 12.4,
    "energy_yesterday": 21.3,
    "energy_yesterday_by_now": 14.1,
    "energy_last_week_by_now": 11.9,
    "energy_month": 214.7,
    "cost_today": 2.61,
    "cost_yesterday": 4.48,
    "cost_month": 47.2,
    "price_now": 0.1696,
    "tariff_now": "HEURES CREUSES",
    "price_level": "cheap",
    "next_price_change": (NOW + timedelta(hours=3)).isoformat(),
    "tempo_days_left_blue": 231,
    "tempo_days_left_white": 37,
    "tempo_days_left_red": 18,
    "tariff": "HEURES PLEINES",
    "price": 0.2146,
    "level": "expensive",
    "by_tariff": [
        {"name": "HEURES CREUSES", "kWh": 5.2, "price": 0.1696, "cost": 0.88},
        {"name": "HEURES PLEINES", "kWh": 7.2, "price": 0.2146, "cost": 1.54},
    ],
    "standing_charge": 0.19,
}
MONEY = {"device_class": "monetary", "unit": "EUR", "precision": 2}
KWH = {"device_class": "energy", "unit": "kWh", "precision": 1}
OF_TARIFFS = ("by_tariff", "standing_charge")


def home_entities() -> list[Entity]:
    energies = [key for key in VALUES if key.startswith("energy_")]
    costs = [key for key in VALUES if key.startswith("cost_")]
    days = [key for key in VALUES if key.startswith("tempo_")]
    levels = ("cheap", "normal", "expensive")
    later = ("tariff", "price", "level")
    return [
        Entity("power_now", "Power now", device_class="power", unit="W", state_class="measurement"),
        Entity("subscribed_power", "Subscribed power", device_class="apparent_power", unit="VA"),
        *(Entity(key, key, **KWH) for key in energies),  # type: ignore[arg-type]
        *(Entity(key, key, attributes=OF_TARIFFS, **MONEY) for key in costs),  # type: ignore[arg-type]
        Entity("price_now", "Price now", unit="EUR/kWh", precision=4),
        Entity("tariff_now", "Tariff now"),
        Entity("price_level", "Price level", device_class="enum", options=levels),
        Entity("next_price_change", "Next", device_class="timestamp", attributes=later),
        *(Entity(key, key) for key in days),
    ]


def move_in(home: Gateway, owner: Visitor) -> None:
    """Publish the numbers, and give everything that the Linky counts a past of two days."""
    with _client(home) as client:
        device = DiscoveryDevice(NODE, "Home", "SmartCORE", "Home", __version__, "lived_in")
        sent = mqtt_discovery.config(device, home_entities(), STATE, (), __version__)
        topic = mqtt_discovery.config_topic("homeassistant", device)
        client.publish(topic, json.dumps(sent), retain=True)
        client.publish(STATE, json.dumps(VALUES), retain=True)
        for number, (name, (watts, kwh)) in enumerate(PLUGS.items()):
            _plug(client, f"plug{number}", name, watts, kwh)
    for entity in _counters(owner):
        _import_days(owner, entity)


def _counters(owner: Visitor) -> list[str]:
    """Return the Linky's entities that count energy and have a value."""
    return [
        one["entity_id"]
        for one in owner.command("get_states")
        if one["entity_id"].startswith("sensor.d2l_")
        and one["attributes"].get("state_class") == "total_increasing"
        and one["state"].isdecimal()
    ]


def move_out(home: Gateway) -> None:
    """Take all of it away again, but for the past."""
    with _client(home) as client:
        for node in (NODE, *(f"plug{number}" for number in range(len(PLUGS)))):
            client.publish(f"homeassistant/device/{node}/config", "", retain=True)


def _client(home: Gateway) -> Observer:
    password = home.secret("MQTT_HOMEASSISTANT_PASSWORD")
    client: Observer = home.site.lan.house.call(lambda: Observer(1883, HOME_ASSISTANT, password))
    return client


def _plug(client: Observer, node: str, name: str, watts: int, kwh: float) -> None:
    device = DiscoveryDevice(node, name, "Test", "Plug", "1")
    entities = [
        Entity("power", "Power", device_class="power", unit="W", state_class="measurement"),
        Entity(
            "energy", "Energy", device_class="energy", unit="kWh", state_class="total_increasing"
        ),
    ]
    sent = mqtt_discovery.config(device, entities, f"{node}/state", (), "1")
    client.publish(
        mqtt_discovery.config_topic("homeassistant", device), json.dumps(sent), retain=True
    )
    client.publish(f"{node}/state", json.dumps({"power": watts, "energy": kwh}), retain=True)


def _import_days(owner: Visitor, entity: str) -> None:
    now = NOW.replace(minute=0, second=0, microsecond=0)
    total = float(owner.state(entity))
    consumed = [HOURLY_WH[hour // 2 % len(HOURLY_WH)] / 2 for hour in range(HOURS)]
    stats = [
        {
            "start": (now - timedelta(hours=HOURS - hour)).isoformat(),
            "state": total - sum(consumed[hour + 1 :]),
            "sum": sum(consumed[: hour + 1]),
        }
        for hour in range(HOURS)
    ]
    metadata = {
        "mean_type": 0,  # none
        "has_sum": True,
        "name": None,
        "source": "recorder",
        "statistic_id": entity,
        "unit_class": "energy",
        "unit_of_measurement": "Wh",
    }
    owner.command("recorder/import_statistics", metadata=metadata, stats=stats)
