"""A press of the button and a typed name, and what the entities show of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.mqtt.publisher import MqttPublisher
from hems.errors import Rejected, Unavailable
from hems.workers.provision.zigbee_joining import JoiningRequests
from hems.workers.provision.zigbee_joining.joining_window import OPEN_S, JoiningWindow
from tests.fakes.zigbee_network import FakeZigbeeNetwork

PLUG = "00:0a"
PRESS, NAME = "hems/zigbee-joining/command/open", "hems/zigbee-joining/command/name"


class Published(MqttPublisher):
    """What the broker gets."""

    def __init__(self) -> None:
        self.states: list[dict[str, Any]] = []

    def set(self, topic: str, payload: bytes) -> None:
        assert topic == "hems/zigbee-joining/state"
        self.states.append(json.loads(payload))


class Home:
    """The thread, restarted at will."""

    def __init__(self, record: Path) -> None:
        self.network = FakeZigbeeNetwork()
        self._record = record
        self.start()

    def start(self) -> None:
        self.published = Published()
        session = cast(Callable[[], AdminSession], self.network.session)
        window = JoiningWindow(session)
        self.requests = JoiningRequests("hems", self.published, window, self._record, self.clock)
        self.requests.publish()

    def clock(self) -> float:
        return self.network.now

    def do(self, topic: str = "", payload: bytes = b"") -> dict[str, Any]:
        self.network.now += 1
        self.requests.carry_out(topic, payload)
        self.requests.publish()
        return self.published.states[-1]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "zigbee_joining.json")


def test_a_press_opens_joining_until_a_time_that_stays_the_same(home: Home) -> None:
    assert home.published.states[-1]["zigbee_joining_until"] is None
    until = home.do(PRESS)["zigbee_joining_until"]
    assert until
    assert home.do()["zigbee_joining_until"] == until
    home.network.now += OPEN_S
    assert home.do()["zigbee_joining_until"] is None
    assert not home.network.is_open
    assert len(home.published.states) == 3  # only what has changed


def test_the_last_meter_is_shown_and_gets_the_typed_name(home: Home) -> None:
    home.do(PRESS)
    home.network.join(PLUG)
    home.network.report(PLUG)
    shown = home.do()
    assert shown["zigbee_last_joined"] == shown["zigbee_last_joined_name"] == "hems SIM-METER"
    assert (shown["measures"], shown["lqi"], shown["rssi"]) == (["power 5 W"], 180, -60)
    assert [line.partition(":")[0] for line in shown["joined"]] == [
        "hems SIM-METER (hems SIM-METER)"
    ]
    shown = home.do(NAME, " Pompe \n à chaleur\x00".encode())
    assert shown["zigbee_last_joined_name"] == "Pompe à chaleur"
    assert home.network.devices[PLUG].user_given_name == "Pompe à chaleur"


def test_the_last_meter_gets_a_name_after_a_restart_and_joining_is_closed(home: Home) -> None:
    home.do(PRESS)
    home.network.join(PLUG)
    home.do()
    home.start()
    assert home.published.states[-1]["zigbee_joining_until"] is None
    assert home.published.states[-1]["zigbee_last_joined"] == "hems SIM-METER"
    assert home.do(NAME, b"Fridge")["zigbee_last_joined"] == "Fridge"
    assert home.network.devices[PLUG].user_given_name == "Fridge"
    home.start()
    assert home.published.states[-1]["zigbee_last_joined"] == "Fridge"


@pytest.mark.parametrize("payload", [b"", b" \t", b"\x00\xff"[:1]])
def test_what_is_no_name_changes_nothing(home: Home, payload: bytes) -> None:
    home.do(PRESS)
    home.network.join(PLUG)
    home.do()
    home.do(NAME, payload)
    assert home.network.devices[PLUG].user_given_name is None


def test_a_name_needs_a_meter(home: Home) -> None:
    with pytest.raises(Rejected, match="no Zigbee device has joined"):
        home.do(NAME, b"Fridge")
    home.requests.publish()
    assert home.published.states[-1]["failure"] == "refused"


def test_why_a_press_opens_nothing_is_shown_until_one_does(home: Home) -> None:
    for _ in range(2):
        for is_loaded, is_away, failure in (
            (False, False, "no_zigbee_network"),
            (True, True, "no_home_assistant"),
        ):
            home.network.is_loaded, home.network.is_away = is_loaded, is_away
            with pytest.raises(Unavailable):
                home.do(PRESS)
            home.requests.publish()
            state = home.published.states[-1]
            assert (state["failure"], state["zigbee_joining_until"]) == (failure, None)
        home.network.is_away = False
        assert home.do(PRESS)["failure"] is None
        home.network.now += OPEN_S
        home.do()
