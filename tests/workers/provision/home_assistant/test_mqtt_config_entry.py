"""Home Assistant's login at the broker."""

import json

import pytest
from pytest_mock import MockerFixture

from hems.settings.shared_secret_rules import Secret
from tests.fakes.home_assistant import FLOWS, FakeHomeAssistant
from tests.fakes.provision import Home

LONG_S = 660.0  # it asks after 0, 10, 30, 70, 150, 310 and 630 s


def test_it_logs_in_as_homeassistant(home: Home, peer: FakeHomeAssistant) -> None:
    home.run()
    (entry,) = peer.entries
    assert entry["username"] == "homeassistant"
    assert entry["password"] == home.secret(Secret.MQTT_HOMEASSISTANT_PASSWORD)


def test_a_new_password_is_given_when_it_is_asked_for(home: Home, peer: FakeHomeAssistant) -> None:
    home.run()
    home.environ = {"MQTT_HOMEASSISTANT_PASSWORD": "a new one"}
    peer.broker["homeassistant"] = "a new one"
    home.run(LONG_S)
    (entry,) = peer.entries
    assert entry["password"] == "a new one"
    assert sum("gave Home Assistant the broker's new password" in line for line in home.lines) == 1


@pytest.mark.parametrize("has_old_memory", [False, True])
def test_an_entry_that_a_person_renames_gets_its_new_password(
    home: Home, peer: FakeHomeAssistant, *, has_old_memory: bool
) -> None:
    home.run()
    if has_old_memory:
        path = home.data / "homeassistant.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "broker_entry": ""}))
        home.run()
    peer.entries[0]["title"] = "Kitchen"
    home.environ = {"MQTT_HOMEASSISTANT_PASSWORD": "a new one"}
    peer.broker["homeassistant"] = "a new one"
    home.run(LONG_S)
    assert peer.entries[0]["password"] == "a new one"
    assert home.waiting_reason("Home Assistant") == ""


def test_an_entry_that_was_lost_gets_its_new_password(home: Home, peer: FakeHomeAssistant) -> None:
    home.run()
    peer.entries.clear()
    home.run()
    home.environ = {"MQTT_HOMEASSISTANT_PASSWORD": "a new one"}
    peer.broker["homeassistant"] = "a new one"
    home.run(LONG_S)
    assert peer.entries[0]["password"] == "a new one"


def test_a_password_that_is_good_is_not_given(home: Home, peer: FakeHomeAssistant) -> None:
    home.run()
    peer.history.clear()
    home.environ = {"MQTT_HOMEASSISTANT_PASSWORD": "not in force at the broker yet"}
    home.run(LONG_S)
    assert peer.requests(FLOWS) == []


def test_an_entry_that_is_lost_is_made_again(home: Home, peer: FakeHomeAssistant) -> None:
    home.run()
    peer.entries.clear()
    home.run()
    assert len(peer.entries) == 1


def test_a_broker_that_refuses_is_asked_ever_more_rarely(
    home: Home, peer: FakeHomeAssistant
) -> None:
    peer.broker.clear()
    home.run(LONG_S)
    assert (
        home.waiting_reason("Home Assistant")
        == "it cannot log in to the broker 172.18.4.7:1883: cannot_connect"
    )
    assert 5 < len(peer.requests(f"POST {FLOWS}:")) < 10
    assert peer.flows == set()
    assert sum("cannot_connect" in line for line in home.lines) == 1


def test_a_new_password_that_the_broker_refuses_is_sent_ever_more_rarely(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.run()
    peer.broker.clear()
    home.run(LONG_S)
    assert "invalid_auth" in home.waiting_reason("Home Assistant")
    assert 5 < len(peer.requests(FLOWS)) < 12


def test_a_second_outage_of_the_broker_is_not_waited_out_for_longer_than_the_first(
    home: Home, peer: FakeHomeAssistant
) -> None:
    right = dict(peer.broker)
    broken: list[float] = []

    def break_once_more(now: float) -> None:
        peer.broker = dict(right) if now > 200 else {}
        if now > 400 and not broken:
            broken.append(now)
            peer.entries.clear()
            peer.broker.clear()

    peer.broker = {}
    home.run(600.0, break_once_more)
    assert broken
    assert len(peer.entries) == 1


def test_flows_of_another_kind_are_a_persons(
    home: Home, peer: FakeHomeAssistant, mocker: MockerFixture
) -> None:
    home.run()
    peer.history.clear()
    context = {"source": "repair", "entry_id": peer.entries[0]["entry_id"]}
    flow = {"flow_id": "1", "handler": "mqtt", "context": context}
    mocker.patch.object(peer, "waiting_flows", return_value=[flow])
    home.run()
    assert peer.requests(FLOWS) == []


def test_an_entry_of_a_person_that_works_is_left_alone(home: Home, peer: FakeHomeAssistant) -> None:
    theirs = {"entry_id": "1", "title": "attic", "username": "me", "password": "mine"}
    peer.entries.append(dict(theirs))
    peer.broker["me"] = "mine"
    home.run(LONG_S)
    assert peer.entries == [theirs]
    assert home.waiting_reason("Home Assistant") == ""


def test_another_broker_never_gets_our_password(home: Home, peer: FakeHomeAssistant) -> None:
    theirs = {"entry_id": "1", "title": "attic", "username": "me", "password": "wrong"}
    peer.entries.append(dict(theirs))
    home.run(LONG_S)
    assert peer.entries == [theirs]
    assert home.waiting_reason("Home Assistant").startswith(
        "its MQTT entry 'attic' is not the gateway's"
    )


@pytest.mark.usefixtures("devices")
def test_a_broker_that_refuses_keeps_no_dashboard_from_being_made(
    home: Home, peer: FakeHomeAssistant
) -> None:
    peer.broker.clear()
    home.run(LONG_S)
    assert peer.energy is not None
    assert len(peer.dashboards) == 2
