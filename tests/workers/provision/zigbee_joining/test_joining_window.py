"""Joining is open for five minutes at most, and shows who joins."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from hems.clients.home_assistant.admin_session import AdminSession
from hems.errors import Rejected, Unavailable
from hems.workers.provision.zigbee_joining.joining_window import (
    OPEN_S,
    PAUSE_S,
    PERMIT_S,
    JoiningWindow,
    NoZigbeeNetwork,
    required_device,
)
from tests.fakes.zigbee_network import FakeZigbeeNetwork

PLUG, OTHER = "00:0a", "00:0b"


@pytest.fixture
def network() -> FakeZigbeeNetwork:
    return FakeZigbeeNetwork()


@pytest.fixture
def window(network: FakeZigbeeNetwork) -> JoiningWindow:
    return JoiningWindow(cast(Callable[[], AdminSession], network.session))


def live(window: JoiningWindow, network: FakeZigbeeNetwork, seconds: float) -> float:
    """Look once a second; return for how long the network was open."""
    end, open_s = network.now + seconds, 0.0
    while network.now < end:
        network.now += 1
        open_s += network.is_open
        window.look(network.now)
    return open_s


def joined(window: JoiningWindow) -> list[str]:
    return [one.device_id for one in window.joined]


def test_it_is_open_for_five_minutes_after_each_opening(
    window: JoiningWindow, network: FakeZigbeeNetwork
) -> None:
    for _ in range(2):
        window.open(network.now)
        open_s = live(window, network, 2 * OPEN_S)
        assert open_s == pytest.approx(OPEN_S, abs=2)
        assert window.closes_at is None
        assert (network.permits[-1], network.sessions) == (0, 0)


def test_a_second_opening_gives_it_the_whole_time_again(
    window: JoiningWindow, network: FakeZigbeeNetwork
) -> None:
    window.open(network.now)
    live(window, network, OPEN_S - 10)
    window.open(network.now)
    assert live(window, network, 2 * OPEN_S) == pytest.approx(OPEN_S, abs=2)


def test_many_presses_are_not_many_broadcasts(
    window: JoiningWindow, network: FakeZigbeeNetwork
) -> None:
    for _ in range(100):
        network.now += 0.1
        window.open(network.now)
    assert len(network.permits) == 1
    assert window.closes_at == network.now + OPEN_S
    assert live(window, network, 2 * OPEN_S) == pytest.approx(OPEN_S, abs=2)


def test_no_text_of_a_device_changes_the_terminal_that_shows_it(
    window: JoiningWindow, network: FakeZigbeeNetwork
) -> None:
    window.open(network.now)
    network.join(PLUG, model="\x1b]0;x\x07\x9b2J" + "m" * 99)
    live(window, network, 1)
    assert window.joined[0].line.isprintable()
    assert len(window.joined[0].line) < 200


def test_the_network_closes_by_itself_if_nobody_looks_any_more(
    window: JoiningWindow, network: FakeZigbeeNetwork
) -> None:
    window.open(network.now)
    live(window, network, 100)
    network.now += PERMIT_S
    assert not network.is_open


def test_who_joins_is_shown_with_what_it_measures_and_its_signal(
    window: JoiningWindow, network: FakeZigbeeNetwork
) -> None:
    window.open(network.now)
    network.join(PLUG)
    live(window, network, 2)
    assert window.joined[0].line == "hems SIM-METER (hems SIM-METER): no values yet; no signal yet"
    network.report(PLUG, "12.5")
    network.join(OTHER)
    live(window, network, 1)
    assert joined(window) == ["id-00:0a", "id-00:0b"]
    assert window.joined[0].line.endswith(": power 12.5 W; signal 180 of 255")
    window.rename("id-00:0a", "Heat pump")
    assert window.joined[0].name == "Heat pump"
    live(window, network, OPEN_S)
    assert len(joined(window)) == 2
    window.open(network.now)
    live(window, network, 1)
    assert joined(window) == []


def test_a_known_device_that_joins_again_is_shown(
    window: JoiningWindow, network: FakeZigbeeNetwork
) -> None:
    window.open(network.now)
    network.join(PLUG)
    live(window, network, OPEN_S + 1)
    window.open(network.now)
    live(window, network, 1)
    assert joined(window) == []
    network.join(PLUG, nwk=0x0102)
    live(window, network, 1)
    assert joined(window) == ["id-00:0a"]


def test_it_goes_on_after_a_moment_without_home_assistant(
    window: JoiningWindow, network: FakeZigbeeNetwork
) -> None:
    network.is_away = True
    with pytest.raises(Unavailable):
        window.open(network.now)
    assert window.closes_at is None
    network.is_away = False
    window.open(network.now)
    network.is_away = True
    network.now += 1
    with pytest.raises(Unavailable):
        window.look(network.now)
    network.is_away = False
    network.join(PLUG)
    network.now += PAUSE_S - 1
    live(window, network, 1)
    assert len(window.joined) == 1
    network.is_away = True
    network.now += OPEN_S
    with pytest.raises(Unavailable):
        window.look(network.now)
    assert window.closes_at is None
    assert network.sessions == 0


def test_a_network_that_does_not_work_is_asked_nothing_and_looked_for_rarely(
    window: JoiningWindow, network: FakeZigbeeNetwork
) -> None:
    window.open(network.now)
    for _ in range(2):
        network.is_loaded, network.questions = False, 0
        failures = 0
        for _ in range(60):
            network.now += 1
            try:
                window.look(network.now)
            except Unavailable:
                failures += 1
        assert failures == 60
        assert 0 < network.questions <= 2 * 60 / PAUSE_S  # a session, and the state of ZHA
        with pytest.raises(Unavailable, match="is being started"):
            window.rename("id-00:0a", "Fridge")
        network.is_loaded = True
        network.now += PAUSE_S
        live(window, network, 1)
    network.is_loaded = False
    network.now += OPEN_S
    for action in (window.look, window.open):
        with pytest.raises(Unavailable, match="is being started"):
            action(network.now)
    assert (network.errors, network.sessions) == (0, 0)


def test_a_stick_that_is_away_ends_it_and_it_opens_again_when_the_stick_is_back(
    window: JoiningWindow, network: FakeZigbeeNetwork
) -> None:
    for network.broken in ("setup_retry", "failed_unload"):
        window.open(network.now)
        live(window, network, 10)
        network.is_loaded = False
        network.now += 1
        with pytest.raises(NoZigbeeNetwork, match="look at its stick"):
            window.look(network.now)
        assert window.closes_at is None
        live(window, network, 10)  # which asks nothing
        assert (network.sessions, network.errors) == (0, 0)
        network.is_loaded = True
    window.open(network.now)
    assert live(window, network, 2 * OPEN_S) == pytest.approx(OPEN_S, abs=2)


def test_a_refusal_leaves_no_session_behind_once_joining_is_closed(
    window: JoiningWindow, network: FakeZigbeeNetwork
) -> None:
    network.refusal = Rejected("no")
    for sessions in (0, 1):  # while it is closed, and while it is open
        with pytest.raises(Rejected):
            window.rename("id-00:0a", "Fridge")
        assert network.sessions == sessions
        window.open(network.now)


def test_only_a_device_that_has_joined_gets_a_name() -> None:
    with pytest.raises(Rejected, match="no Zigbee device has joined"):
        required_device((), None)
