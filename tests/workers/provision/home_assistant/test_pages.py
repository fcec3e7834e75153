"""The pages Home and Gateway: for whom they are, in which languages, and the first page."""

from typing import Any

import pytest

from hems.protocols.home_assistant import gateway_page, home_page
from hems.workers.provision.home_assistant.reader_languages import CHOICES
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.provision import Home
from tests.workers.provision.home_assistant.conftest import METER, registered

LONG_S = 1200.0
USERS: list[dict[str, Any]] = [
    {"id": "a", "is_active": True, "system_generated": False},
    {"id": "b", "is_active": True, "system_generated": False},
    {"id": "left", "is_active": False, "system_generated": False},
    {"id": "supervisor", "is_active": True, "system_generated": True},
]


@pytest.mark.usefixtures("devices")
def test_home_is_for_everybody_and_gateway_for_administrators(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.run(LONG_S)
    assert peer.for_administrators == {home_page.PATH: False, gateway_page.PATH: True}


@pytest.mark.usefixtures("devices")
def test_home_becomes_the_first_page_once(home: Home, peer: FakeHomeAssistant) -> None:
    peer.shared["core"] = {"other": 1}
    home.run(LONG_S)
    assert peer.shared == {"core": {"other": 1, "default_panel": home_page.PATH}}
    peer.shared["core"] = {"other": 1}  # somebody wants Home Assistant's own again
    home.run(LONG_S)
    assert peer.shared == {"core": {"other": 1}}


@pytest.mark.usefixtures("devices")
def test_a_first_page_that_somebody_has_chosen_stays(home: Home, peer: FakeHomeAssistant) -> None:
    peer.shared["core"] = {"default_panel": "energy"}
    home.run(LONG_S)
    assert peer.shared == {"core": {"default_panel": "energy"}}


@pytest.mark.usefixtures("devices")
def test_each_language_that_somebody_has_chosen_has_its_view(
    home: Home, peer: FakeHomeAssistant
) -> None:
    peer.listed_users = USERS
    home.run(LONG_S)
    assert [view["title"] for view in peer.dashboards[home_page.PATH]["views"]] == ["Maison"]
    path = home.config / f"{CHOICES}b"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"data": {"language": {"language": "de"}}}')
    home.run(LONG_S)
    views = peer.dashboards[home_page.PATH]["views"]
    assert [(view["title"], view["path"], view["visible"]) for view in views] == [
        ("Maison", "home-fr", [{"user": "a"}]),
        ("Zuhause", "home-de", [{"user": "b"}]),
    ]
    assert len(peer.dashboards[gateway_page.PATH]["views"]) == 2


@pytest.mark.usefixtures("devices")
def test_the_gauge_follows_the_power_of_the_contract(home: Home, peer: FakeHomeAssistant) -> None:
    limit: dict[str, Any] = {**registered(METER, "pref")[0], "state": "9"}
    limit["attributes"] = {"unit_of_measurement": "kVA"}
    peer.registry.append(limit)
    home.run(LONG_S)
    assert "'max': 9000.0" in str(peer.dashboards[home_page.PATH])
    limit["state"] = "6"
    home.run(LONG_S)
    assert "'max': 6000.0" in str(peer.dashboards[home_page.PATH])
