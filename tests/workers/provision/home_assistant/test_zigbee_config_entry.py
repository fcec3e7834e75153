"""The Zigbee stick in Home Assistant."""

import pytest

from hems.protocols.gateway.zigbee_problem_kinds import (
    STICK_KINDS,
    ZIGBEE_BLANK_STICK,
    ZIGBEE_NETWORK_CHOICE,
    ZIGBEE_OTHER_NETWORK,
    ZIGBEE_SEVERAL_STICKS,
    ZIGBEE_STICK_MISSING,
    ZIGBEE_STICK_SILENT,
)
from hems.protocols.home_assistant.zigbee_stick_finder import BLANK, OTHER_NETWORK
from hems.supervision.worker.problem import ReportedProblem
from tests.fakes.home_assistant import FLOWS, FakeHomeAssistant
from tests.fakes.provision import Home
from tests.fakes.zha import NEW, SONOFF, STICK, FakeZha

LONG_S, PERIOD_S, LOOK_S = 1200.0, 60.0, 10.0
OTHER = "/dev/serial/by-id/usb-Nabu_Casa_SkyConnect_v1.0_1-if00-port0"
SKY_CONNECT = {"description": "SkyConnect v1.0", "integration": "homeassistant_sky_connect"}


@pytest.fixture
def zha(peer: FakeHomeAssistant) -> FakeZha:
    return peer.zha


def problems(home: Home) -> list[ReportedProblem]:
    """Return what is wrong with the stick; the rest of the set-up is never held up by it."""
    assert home.waiting_reason("Home Assistant") == ""
    names = {kind.name for kind in STICK_KINDS}
    return [one for one in home.notifier.latest_problems or () if one.name in names]


def test_a_network_on_the_stick_stays(home: Home, zha: FakeZha) -> None:
    zha.plug_in(network="of the home")
    home.run()
    assert len(zha.entries) == 1
    assert zha.networks[STICK] == "of the home"
    assert zha.flows == {}
    assert problems(home) == []


def test_a_blank_stick_forms_a_network_while_nobody_waits(home: Home, zha: FakeZha) -> None:
    zha.plug_in()
    zha.forming_takes = 3
    home.run(4 * PERIOD_S)
    assert zha.networks[STICK] == NEW
    assert len(zha.entries) == 1
    assert problems(home) == []
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
            home.adapters.append(("ttyACM0", 1))
        if zha.entries and not set_up_at:
            set_up_at.append(now)

    home.run(2 * LONG_S, plug_in)
    assert set_up_at[0] - plugged_at[0] <= LOOK_S


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
    assert problems(home) == []


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
    has = "another network" if network else "none"
    assert problems(home) == [ZIGBEE_NETWORK_CHOICE.found(f"the stick {SONOFF} has {has}")]
    assert zha.networks[STICK] == network
    assert zha.flows == {}
    assert zha.entries == []
    assert zha.begun == 1  # the person may be using the stick

    def plug_in(now: float) -> None:
        if now > LONG_S / 2:
            home.adapters[:] = [("ttyACM0", 1)]

    home.run(LONG_S, plug_in)
    assert zha.begun == 3  # hems began again, and another stick was plugged in


def test_a_stick_that_does_not_answer_is_reported_until_it_does(home: Home, zha: FakeZha) -> None:
    for _ in range(2):
        zha.plug_in(network="of the home")
        zha.networks.clear()
        home.run(LONG_S)
        assert problems(home) == [ZIGBEE_STICK_SILENT.found(f"{SONOFF} does not answer")]
        assert zha.flows == {}
        zha.ports.clear()
        home.run()
        assert problems(home) == []
    zha.plug_in(network="of the home")
    home.run()
    assert len(zha.entries) == 1


def test_a_stick_that_cannot_form_a_network_is_reported(home: Home, zha: FakeZha) -> None:
    zha.plug_in()
    zha.is_forming_possible = False
    for until in (4 * PERIOD_S, LONG_S):  # it tries again, and the report stays
        home.run(until)
        assert problems(home) == [ZIGBEE_STICK_SILENT.found(f"{SONOFF} could not form a network")]
    zha.is_forming_possible = True
    home.run(LONG_S)
    assert (len(zha.entries), problems(home)) == (1, [])


def test_two_sticks_are_reported_and_none_is_touched(home: Home, zha: FakeZha) -> None:
    zha.plug_in()
    zha.plug_in(OTHER, **SKY_CONNECT)
    home.run()
    names = f"{SONOFF} ({STICK}) and SkyConnect v1.0 ({OTHER})"
    assert problems(home) == [ZIGBEE_SEVERAL_STICKS.found(names)]
    zha.ports.pop(0)
    home.run(4 * PERIOD_S)
    assert len(zha.entries) == 1
    assert zha.networks == {STICK: "", OTHER: NEW}


def test_what_is_wrong_with_the_stick_of_the_entry_is_reported(home: Home, zha: FakeZha) -> None:
    zha.plug_in(network="of the home")
    home.run()
    says = f"{SONOFF}: "
    for state, reason, is_present, problem in (
        ("setup_retry", "", False, ZIGBEE_STICK_MISSING.found(STICK)),
        ("setup_error", OTHER_NETWORK, True, ZIGBEE_OTHER_NETWORK.found(says + OTHER_NETWORK)),
        ("setup_error", BLANK, True, ZIGBEE_BLANK_STICK.found(says + BLANK)),
        ("setup_retry", "", True, ZIGBEE_STICK_SILENT.found(says + "no answer")),
    ):
        zha.entries[0] |= {"state": state, "reason": reason}
        zha.ports[0]["present"] = is_present
        home.run()
        assert problems(home) == [problem]
    assert zha.networks[STICK] == "of the home"
    zha.entries[0] |= {"state": "loaded", "reason": None}
    home.run()
    assert problems(home) == []


def test_another_stick_lets_home_assistant_look_at_once(home: Home, zha: FakeZha) -> None:
    zha.plug_in(network="of the home")
    home.run()
    zha.entries[0] |= {"state": "setup_error", "reason": BLANK}
    reloads: dict[float, int] = {}

    def plug_in(now: float) -> None:
        reloads[now] = zha.reloads
        if now > LONG_S and not home.adapters:
            home.adapters.append(("ttyACM0", 1))
        if now > 2 * LONG_S:
            home.adapters[:] = [("ttyACM0", 2)]  # unplugged and plugged in again

    home.run(3 * LONG_S, plug_in)
    ends = (LONG_S, 2 * LONG_S, 3 * LONG_S)
    assert [max(reloads[at] for at in reloads if at < end) for end in ends] == [1, 2, 3]
    zha.entries[0] |= {"state": "loaded", "reason": None}
    home.adapters[:] = [("ttyACM0", 3)]
    home.run()
    assert zha.reloads == 3


def test_the_problems_are_unknown_until_home_assistant_answers(home: Home, zha: FakeZha) -> None:
    assert home.home_assistant is not None
    home.home_assistant.is_away = True
    zha.plug_in()
    home.run()
    known = home.notifier.latest_problems or ()
    assert set(known) >= {kind.unknown() for kind in STICK_KINDS}
