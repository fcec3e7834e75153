"""The pages Home and Gateway: for whom they are, in which languages, and the first page."""

from typing import Any

import pytest
from msgspec.structs import replace

from hems.protocols.home_assistant import gateway_page, home_page
from hems.system.files import Access
from hems.workers.provision.home_assistant.change_detection import LOGINS
from hems.workers.provision.home_assistant.setup_record import (
    HomeAssistantSetupRecord,
    SetupRecordFile,
)
from hems.workers.provision.home_assistant.user_language_reader import CHOICES
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.provision import Home
from tests.workers.provision.home_assistant.conftest import METER, registered

LONG_S, PERIOD_S, LOOK_S = 1200.0, 60.0, 10.0
USERS: list[dict[str, Any]] = [
    {"id": "a", "is_active": True, "system_generated": False},
    {"id": "b", "is_active": True, "system_generated": False},
    {"id": "left", "is_active": False, "system_generated": False},
    {"id": "supervisor", "is_active": True, "system_generated": True},
]


def setup_record(home: Home) -> SetupRecordFile:
    path, access = home.data / "homeassistant.json", Access(0o600, None)
    return SetupRecordFile(path, HomeAssistantSetupRecord(), access)


@pytest.mark.usefixtures("devices")
def test_home_is_for_everybody_and_gateway_for_administrators(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.run(LONG_S)
    assert peer.for_administrators == {home_page.PATH: False, gateway_page.PATH: True}


@pytest.mark.usefixtures("devices")
@pytest.mark.parametrize(("language", "title"), [("fr", "Passerelle"), ("en", "Gateway")])
def test_the_menu_has_the_pages_in_the_language_of_the_home(
    home: Home, peer: FakeHomeAssistant, language: str, title: str
) -> None:
    home.properties = replace(home.properties, language=language)
    home.run(LONG_S)
    assert peer.titles == {home_page.PATH: "SmartCORE", gateway_page.PATH: title}


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
def test_a_page_that_a_person_removed_or_changed_never_becomes_the_first(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.run(LONG_S)
    record = setup_record(home)
    versions: tuple[dict[str, Any] | None, ...] = (None, {"views": []})
    for theirs in versions:  # before an upgrade that makes Home the first page
        peer.shared.clear()
        record.update(has_default_page=False)
        peer.dashboards.pop(home_page.PATH, None)
        if theirs:
            peer.dashboards[home_page.PATH] = theirs
        home.run(LONG_S)
        assert peer.shared == {}
        record = setup_record(home)
        assert record.record.has_default_page


@pytest.mark.usefixtures("devices")
def test_a_page_of_a_person_at_the_same_place_holds_up_nothing(
    home: Home, peer: FakeHomeAssistant
) -> None:
    peer.dashboards[home_page.PATH] = {"views": []}
    home.run(LONG_S)
    assert peer.shared == {}
    assert setup_record(home).record.has_default_page


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


@pytest.mark.usefixtures("devices")
def test_the_gauge_stays_while_the_power_of_the_contract_has_no_value(
    home: Home, peer: FakeHomeAssistant
) -> None:
    limit: dict[str, Any] = {**registered(METER, "pref")[0], "state": "9"}
    limit["attributes"] = {"unit_of_measurement": "kVA"}
    peer.registry.append(limit)

    def lose(now: float) -> None:
        if now > LONG_S:
            if limit["state"] == "9":
                peer.history.clear()
            limit["state"] = "unavailable"

    home.run(3 * LONG_S, lose)
    assert limit["state"] == "unavailable"
    assert peer.requests("lovelace/config/save") == []
    assert "'max': 9000.0" in str(peer.dashboards[home_page.PATH])
    peer.registry.remove(limit)
    home.run(LONG_S)
    assert "'max': 9000.0" not in str(peer.dashboards[home_page.PATH])


@pytest.mark.usefixtures("devices")
def test_a_new_user_sees_the_pages_soon(home: Home, peer: FakeHomeAssistant) -> None:
    peer.listed_users = [*USERS]
    path = home.config / f"{CHOICES}b"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"data": {"language": {"language": "de"}}}')
    logins = home.config / LOGINS
    logins.write_text("{}")
    seen_at: list[float] = []
    added_at: list[float] = []

    def add_user(now: float) -> None:
        if now > 2 * LONG_S and not added_at:
            added_at.append(now)
            peer.listed_users.append({"id": "c", "is_active": True, "system_generated": False})
            logins.write_text('{"data": {}}')
        if not seen_at and "'user': 'c'" in str(peer.dashboards.get(home_page.PATH)):
            seen_at.append(now)

    home.run(4 * LONG_S, add_user)
    assert seen_at[0] - added_at[0] <= LOOK_S
