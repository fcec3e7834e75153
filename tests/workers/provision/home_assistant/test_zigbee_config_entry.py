"""The Zigbee stick in Home Assistant."""

from pathlib import Path

import pytest

from tests.fakes.home_assistant import FLOWS, FakeHomeAssistant
from tests.fakes.provision import Home
from tests.fakes.zha import NEW, SONOFF, STICK, FakeZha

LONG_S, PERIOD_S = 1200.0, 60.0
OTHER = "/dev/serial/by-id/usb-Nabu_Casa_SkyConnect_v1.0_1-if00-port0"
SKY_CONNECT = {"description": "SkyConnect v1.0", "integration": "homeassistant_sky_connect"}


@pytest.fixture
def zha(peer: FakeHomeAssistant) -> FakeZha:
    return peer.zha


def reason(home: Home) -> str:
    return home.waiting_reason("Home Assistant")


def test_a_network_on_the_stick_stays(home: Home, zha: FakeZha) -> None:
    zha.plug_in(network="of the home")
    home.run()
    assert len(zha.entries) == 1
    assert zha.networks[STICK] == "of the home"
    assert zha.flows == {}
    assert reason(home) == ""


def test_a_blank_stick_forms_a_network_while_nobody_waits(home: Home, zha: FakeZha) -> None:
    zha.plug_in()
    zha.forming_takes = 3
    home.run(4 * PERIOD_S)
    assert zha.networks[STICK] == NEW
    assert len(zha.entries) == 1
    assert reason(home) == ""
    assert sum("forms a network" in line for line in home.lines) == 1


def test_the_flow_by_which_home_assistant_has_found_the_stick_is_used(
    home: Home, peer: FakeHomeAssistant, zha: FakeZha
) -> None:
    zha.plug_in(network="of the home")
    zha.find("found")
    home.run()
    assert zha.flows == {}
    assert len(zha.entries) == 1
    assert zha.networks[STICK] == "of the home"


def test_a_stick_that_is_plugged_in_later_is_set_up_within_a_period(
    home: Home, peer: FakeHomeAssistant, zha: FakeZha
) -> None:
    home.run()
    plugged_at: list[float] = []
    set_up_at: list[float] = []

    def plug_in(now: float) -> None:
        if now > LONG_S and not plugged_at:
            plugged_at.append(now)
            zha.plug_in(network="of the home")
            home.adapters.append(Path("ttyACM0"))
        if zha.entries and not set_up_at:
            set_up_at.append(now)

    home.run(2 * LONG_S, plug_in)
    assert set_up_at[0] - plugged_at[0] <= PERIOD_S


def test_a_person_who_removes_it_is_not_overruled(
    home: Home, peer: FakeHomeAssistant, zha: FakeZha
) -> None:
    zha.plug_in(network="of the home")
    home.run()
    zha.entries.clear()
    zha.ports[0]["consumers"].clear()
    peer.history.clear()
    home.run(LONG_S)
    assert peer.requests(FLOWS) == []
    assert reason(home) == ""


def test_an_entry_of_a_person_is_left_alone(
    home: Home, peer: FakeHomeAssistant, zha: FakeZha
) -> None:
    theirs = {"entry_id": "1", "title": "attic", "state": "loaded", "reason": None}
    zha.entries.append(dict(theirs))
    zha.plug_in()
    home.run(LONG_S)
    assert zha.entries == [theirs]
    assert zha.networks[STICK] == ""
    zha.entries.clear()
    home.run(LONG_S)
    assert zha.entries == []


@pytest.mark.parametrize("network", ["", "of another home"])
def test_a_choice_between_two_networks_is_a_persons(home: Home, zha: FakeZha, network: str) -> None:
    zha.plug_in(network=network)
    zha.backup = "of the home"
    home.run(LONG_S)
    assert "Home Assistant knows an earlier Zigbee network" in reason(home)
    assert zha.networks[STICK] == network
    assert zha.flows == {}
    assert zha.entries == []


def test_a_stick_that_does_not_answer_is_reported_until_it_does(home: Home, zha: FakeZha) -> None:
    for _ in range(2):
        zha.plug_in(network="of the home")
        zha.networks.clear()
        home.run(LONG_S)
        assert reason(home).startswith(f"the Zigbee stick {SONOFF} does not answer")
        assert zha.flows == {}
        zha.ports.clear()
        home.run()
        assert reason(home) == ""
    zha.plug_in(network="of the home")
    home.run()
    assert len(zha.entries) == 1


def test_a_stick_that_cannot_form_a_network_is_reported(home: Home, zha: FakeZha) -> None:
    zha.plug_in()
    zha.is_forming_possible = False
    for until in (4 * PERIOD_S, LONG_S):  # it tries again, and the report stays
        home.run(until)
        assert "could not form a network" in reason(home)
    zha.is_forming_possible = True
    home.run(LONG_S)
    assert (len(zha.entries), reason(home)) == (1, "")


def test_two_sticks_are_reported_and_none_is_touched(home: Home, zha: FakeZha) -> None:
    zha.plug_in()
    zha.plug_in(OTHER, **SKY_CONNECT)
    home.run()
    assert reason(home).startswith("2 Zigbee sticks are plugged in")
    zha.ports.pop(0)
    home.run(4 * PERIOD_S)
    assert len(zha.entries) == 1
    assert zha.networks == {STICK: "", OTHER: NEW}


def test_a_lost_stick_and_one_of_another_network_are_reported(home: Home, zha: FakeZha) -> None:
    zha.plug_in(network="of the home")
    home.run()
    zha.entries[0]["state"] = "setup_retry"
    home.run()
    assert reason(home) == ""  # Home Assistant tries again
    zha.ports[0]["present"] = False
    home.run()
    assert reason(home) == f"the Zigbee stick {STICK} is not plugged in"
    zha.entries[0] |= {"state": "setup_error", "reason": "Network settings do not match"}
    home.run()
    assert "does not start: Network settings do not match" in reason(home)
    assert zha.networks[STICK] == "of the home"
