import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hems.protocols.home_assistant import gateway_page, home_page
from hems.settings.shared_secret_rules import HOME_ASSISTANT, READER_TOKEN, Secret
from hems.workers.provision.home_assistant.reader_account import NAME, USER_NAME
from tests.fakes.home_assistant import STEPS, FakeHomeAssistant
from tests.fakes.provision import Home

METER, GATEWAY = "d2l_012345678901", "gateway_0123456789ab"
ANOTHER = "d2l_999999999999"
VARIABLES = {"D2L_DEVICES": f"012345678901:{'0' * 32}:{'1' * 32}"}


KWH = {"device_class": "energy", "state_class": "total_increasing", "unit_of_measurement": "kWh"}
WATT = {"device_class": "power", "state_class": "measurement", "unit_of_measurement": "W"}


def registered(node: str, *keys: str, platform: str = "mqtt") -> list[dict[str, object]]:
    """Return the entities of a device; a key that begins with "e" counts energy."""
    kinds = {"e": KWH, "p": WATT}
    return [
        {
            "entity_id": f"sensor.{node}_{key}",
            "platform": platform,
            "unique_id": f"{node}_{key}",
            "device_id": node,
            "attributes": kinds.get(key[0], {}),
            "original_name": "Energy injected" if key == "eait" else key,
        }
        for key in keys
    ]


@pytest.fixture
def new_home(made: Path, tmp_path: Path) -> Callable[[str], Home]:
    """Return what makes a gateway with a Home Assistant that nobody has set up yet."""

    def new(name: str) -> Home:
        home = Home(shutil.copytree(made, tmp_path / name), VARIABLES)
        password = home.secret(Secret.MQTT_HOMEASSISTANT_PASSWORD)
        home.home_assistant = FakeHomeAssistant(broker={HOME_ASSISTANT: password})
        home.home_assistant.is_owned_by(*login(home))
        return home

    return new


def login(home: Home) -> tuple[str, str]:
    """Return the login of the owner, which services/homeassistant makes."""
    return home.secret(Secret.CONFIG_USER), home.secret(Secret.CONFIG_PASSWORD)


@pytest.fixture
def home(new_home: Callable[[str], Home]) -> Home:
    return new_home("home")


@pytest.fixture
def peer(home: Home) -> FakeHomeAssistant:
    assert home.home_assistant is not None
    return home.home_assistant


@pytest.fixture
def devices(peer: FakeHomeAssistant) -> None:
    discover(peer)


def discover(peer: FakeHomeAssistant) -> None:
    """Have a meter and the gateway known there, with statistics."""
    peer.registry = [
        {"entity_id": "light.kitchen", "platform": "hue", "unique_id": 7},
        *registered(METER, "east", "power_estimated"),
        *registered(GATEWAY, "internet", "unit_led"),
    ]
    peer.sums = [f"sensor.{METER}_east"]


def discover_another(peer: FakeHomeAssistant) -> None:
    """Have a second meter known there, with statistics."""
    peer.registry += registered(ANOTHER, "east", "power_estimated")
    peer.sums.append(f"sensor.{ANOTHER}_east")


def is_set_up(home: Home) -> bool:
    """Tell whether everything is there, once."""
    peer = home.home_assistant
    assert peer is not None
    assert sorted(peer.done) == sorted(STEPS)
    user, password = login(home)
    (reader,) = peer.readers
    assert reader["name"] == NAME
    assert {*peer.accounts.users} == {user, USER_NAME}
    assert peer.accounts.users[user] == password
    token = (home.gateway / "secrets" / READER_TOKEN).read_text()
    assert peer.accounts.token({"refresh_token": token})[0] == 200
    assert {name: peer.home[name] for name in ("country", "elevation", "time_zone")} == {
        "country": "FR",
        "elevation": 35,
        "time_zone": "Europe/Paris",
    }
    (entry,) = peer.entries
    assert (entry["broker"], entry["port"]) == ("172.18.4.7", 1883)
    assert peer.waiting_flows() == []
    assert peer.energy is not None
    assert peer.energy["energy_sources"][0]["stat_energy_from"].endswith("_east")
    assert [one["name"] for one in peer.persons] == [user]
    assert [room["name"] for room in peer.rooms] == ["Salon", "Cuisine", "Chambre"]
    assert list(peer.dashboards) == [home_page.PATH, gateway_page.PATH]
    return METER in str(peer.dashboards[home_page.PATH])
