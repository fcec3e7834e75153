"""The two dashboards: made when there is something to show, and ours until a person has a hand."""

import copy
import json

import pytest
from pytest_mock import MockerFixture

from hems.protocols.home_assistant import gateway_page
from hems.protocols.home_assistant.home_page import PATH
from hems.workers.provision.home_assistant.dashboard_ownership import SAVED_S, Presence
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.home_assistant_websocket import COMMANDS
from tests.fakes.provision import Home
from tests.workers.provision.home_assistant.conftest import (
    ANOTHER,
    GATEWAY,
    METER,
    VARIABLES,
    discover,
    discover_another,
    registered,
)

LONG_S = 1200.0
THEIRS: dict[str, object] = {"energy_sources": [], "device_consumption": []}


def shown(peer: FakeHomeAssistant) -> tuple[bool, bool]:
    """Tell whether the energy dashboard and a page have the second meter."""
    return ANOTHER in str(peer.energy), ANOTHER in str(peer.dashboards)


def test_nothing_is_made_of_nothing(home: Home, peer: FakeHomeAssistant) -> None:
    home.run(LONG_S)
    assert peer.energy is None
    assert peer.dashboards == {}
    assert home.notifier.latest_metrics["waiting"] == {}


def test_they_are_made_once_the_devices_are_known(home: Home, peer: FakeHomeAssistant) -> None:
    def appear(now: float) -> None:
        if now > 900:
            discover(peer)

    home.run(LONG_S, appear)
    assert peer.energy is not None
    assert peer.dashboards[PATH] is not None


@pytest.mark.usefixtures("devices")
def test_energy_waits_for_statistics(home: Home, peer: FakeHomeAssistant) -> None:
    peer.sums = []
    home.run(LONG_S)
    assert peer.energy is None


@pytest.mark.usefixtures("devices")
def test_what_a_person_has_made_stays(home: Home, peer: FakeHomeAssistant) -> None:
    theirs = {PATH: {"views": []}, gateway_page.PATH: {"views": [1]}}
    peer.energy, peer.dashboards = dict(THEIRS), dict(theirs)
    home.run(LONG_S)
    assert peer.energy == THEIRS
    assert peer.dashboards == theirs


@pytest.mark.usefixtures("devices")
def test_what_a_person_removes_later_stays_away(home: Home, peer: FakeHomeAssistant) -> None:
    home.run(LONG_S)
    peer.energy, peer.dashboards = None, {}
    discover_another(peer)
    home.run(LONG_S)
    assert peer.energy is None
    assert peer.dashboards == {}


@pytest.mark.usefixtures("devices")
def test_an_energy_dashboard_whose_file_was_damaged_is_made_again_each_time(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.run(LONG_S)
    for day in (1, 2):
        peer.energy = None
        copy_of(home, day)
        home.run(LONG_S)
        assert peer.energy is not None
    peer.energy = None  # a person removes it; the copies are still there
    home.run(LONG_S)
    assert peer.energy is None


@pytest.mark.usefixtures("devices")
def test_a_copy_from_before_the_dashboard_brings_it_back_for_nobody(
    home: Home, peer: FakeHomeAssistant
) -> None:
    copy_of(home, 1)
    home.run(LONG_S)
    peer.energy = None
    home.run(LONG_S)
    assert peer.energy is None


def copy_of(home: Home, day: int) -> None:
    """Let Home Assistant have put the energy dashboard's file aside."""
    storage = home.config / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    (storage / f"energy.corrupt.2026-11-{day:02}T12:00:00+00:00").write_text("")


@pytest.mark.usefixtures("devices")
def test_a_meter_that_comes_later_appears(home: Home, peer: FakeHomeAssistant) -> None:
    home.run(LONG_S)
    discover_another(peer)
    home.run(LONG_S)
    assert shown(peer) == (True, True)


def test_a_meter_appears_on_the_dashboard_of_a_gateway_that_had_none(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.environ = {}
    peer.registry = registered(GATEWAY, "internet")
    home.run(LONG_S)
    home.environ = dict(VARIABLES)
    discover_another(peer)
    home.run(LONG_S)
    assert shown(peer) == (True, True)


@pytest.mark.usefixtures("devices")
def test_a_meter_that_comes_later_is_not_added_to_what_a_person_has_changed(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.run(LONG_S)
    assert peer.energy is not None
    peer.energy["device_consumption"].append({"stat_consumption": "sensor.heater"})
    peer.dashboards[PATH]["views"][0]["title"] = "Ours"
    peer.dashboards[gateway_page.PATH]["views"][0]["title"] = "Ours"
    before = copy.deepcopy((peer.energy, peer.dashboards))
    discover_another(peer)
    home.run(LONG_S)
    assert (peer.energy, peer.dashboards) == before


@pytest.mark.usefixtures("devices")
def test_what_a_memory_of_before_does_not_know_stays(home: Home, peer: FakeHomeAssistant) -> None:
    home.run(LONG_S)
    path = home.data / "homeassistant.json"
    forgotten: dict[str, list[str]] = {"energy": [], "dashboard": [], "gateway_page": []}
    path.write_text(json.dumps(json.loads(path.read_text()) | forgotten))
    discover_another(peer)
    home.run(LONG_S)
    assert shown(peer) == (False, False)


@pytest.mark.usefixtures("devices")
def test_a_newer_one_that_a_power_cut_took_is_made_again(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.run(LONG_S)
    before = copy.deepcopy((peer.energy, peer.dashboards))
    discover_another(peer)
    home.run(LONG_S)
    peer.energy, peer.dashboards = before
    home.run(LONG_S)
    assert shown(peer) == (True, True)


@pytest.mark.usefixtures("devices")
def test_a_newer_one_is_saved_once(home: Home, peer: FakeHomeAssistant) -> None:
    home.run(LONG_S)
    discover_another(peer)
    peer.history.clear()
    home.run(LONG_S)
    assert peer.requests("save") == ["energy/save_prefs", *["lovelace/config/save"] * 2]


@pytest.mark.usefixtures("devices")
def test_what_a_power_cut_took_before_it_was_saved_is_made_again(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.run(121.0)
    assert peer.energy is not None
    assert peer.dashboards
    peer.energy, peer.dashboards = None, {}
    home.run(LONG_S)
    assert peer.energy is not None
    assert peer.dashboards[PATH] is not None


@pytest.mark.usefixtures("devices")
def test_one_that_is_empty_is_filled(home: Home, peer: FakeHomeAssistant) -> None:
    peer.dashboards = {PATH: None}
    home.run(LONG_S)
    assert METER in str(peer.dashboards[PATH])


def test_the_dashboard_waits_for_a_meter_if_there_is_to_be_one(
    home: Home, peer: FakeHomeAssistant
) -> None:
    peer.registry = registered(GATEWAY, "internet")
    home.run(LONG_S)
    assert peer.dashboards == {}


def test_the_dashboard_of_a_gateway_without_meters_shows_its_health(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.environ = {}
    peer.registry = registered(GATEWAY, "internet")
    home.run(LONG_S)
    assert f"sensor.{GATEWAY}_internet" in str(peer.dashboards[gateway_page.PATH])


def test_the_dashboard_waits_until_no_more_entities_come(
    home: Home, peer: FakeHomeAssistant
) -> None:
    discover(peer)

    def grow(now: float) -> None:
        if now < 400:
            peer.registry += registered(METER, f"easf{int(now)}")

    home.run(400.0, grow)
    assert peer.dashboards == {}
    home.run(LONG_S)
    assert peer.dashboards[PATH] is not None


@pytest.mark.usefixtures("devices")
def test_a_home_assistant_without_energy_has_the_other_dashboard(
    home: Home, peer: FakeHomeAssistant, mocker: MockerFixture
) -> None:
    mocker.patch.dict(COMMANDS)
    del COMMANDS["energy/get_prefs"]
    home.run(LONG_S)
    assert peer.dashboards[PATH] is not None
    assert "energy/get_prefs: unknown_command" in str(home.notifier.latest_metrics["waiting"])


def test_a_dashboard_counts_as_saved_after_two_minutes_without_a_break() -> None:
    presence = Presence()
    for begun in (0.0, 1000.0):
        assert not presence.is_on_disk({}, begun)
        assert not presence.is_on_disk({}, begun + SAVED_S - 1)
        assert presence.is_on_disk({}, begun + SAVED_S)
        assert not presence.is_on_disk(None, begun + SAVED_S + 1)
