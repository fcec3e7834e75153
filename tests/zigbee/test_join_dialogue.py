"""The operator's command shows who joins, and names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import pytest

from hems.clients.home_assistant.admin_session import AdminSession
from hems.errors import Unavailable
from hems.workers.provision.zigbee_joining.joining_window import (
    OPEN_S,
    JoiningWindow,
    NoZigbeeNetwork,
)
from hems.zigbee.join_dialogue import JoinDialogue
from tests.fakes.zigbee_network import FakeZigbeeNetwork

PLUG, OTHER = "00:0a", "00:0b"


class Terminal:
    """`happens` has what happens at a second; an event may return a line that is typed."""

    def __init__(self, happens: Mapping[int, Callable[[FakeZigbeeNetwork], str | None]]) -> None:
        self.network = FakeZigbeeNetwork()
        self.lines: list[str] = []
        self._happens = happens
        window = JoiningWindow(cast(Callable[[], AdminSession], self.network.session))
        self.command = JoinDialogue(window, self._clock, self._typed, self.lines.append)

    def _clock(self) -> float:
        return self.network.now

    def _typed(self, seconds: float) -> str | None:
        self.network.now += seconds
        event = self._happens.get(int(self.network.now))
        return event(self.network) if event else None

    @property
    def name(self) -> str | None:
        return self.network.devices[PLUG].user_given_name


def joins(network: FakeZigbeeNetwork) -> None:
    network.join(PLUG)


def reports(network: FakeZigbeeNetwork) -> None:
    network.report(PLUG)


def test_a_meter_gets_the_name_of_the_command_line_once_it_has_values() -> None:
    terminal = Terminal({3: joins, 6: reports})
    [meter] = terminal.command.run("Heat pump")
    assert (meter.name, terminal.name, terminal.network.now) == ("Heat pump", "Heat pump", 6)
    assert not terminal.network.is_open
    assert [line.partition(": ")[2] for line in terminal.lines[2:4]] == [
        "no values yet; no signal yet",
        "power 5 W; signal 180 of 255",
    ]


def test_the_name_is_for_the_meter_with_values_and_not_for_one_that_has_just_joined() -> None:
    def one_reports_and_another_joins(network: FakeZigbeeNetwork) -> None:
        network.report(PLUG)
        network.join(OTHER)

    terminal = Terminal({3: joins, 6: one_reports_and_another_joins})
    terminal.command.run("Heat pump")
    assert terminal.name == "Heat pump"
    assert terminal.network.devices[OTHER].user_given_name is None


def test_a_name_that_is_refused_for_a_moment_is_given_again() -> None:
    def refuses(network: FakeZigbeeNetwork) -> None:
        network.report(PLUG)
        network.refusal = Unavailable("no answer")

    def takes(network: FakeZigbeeNetwork) -> None:
        network.refusal = None

    terminal = Terminal({3: joins, 6: refuses, 8: takes})
    [meter] = terminal.command.run("Heat pump")
    assert (meter.name, terminal.network.now) == ("Heat pump", 8)
    assert terminal.lines.count("no answer") == 1


def test_a_typed_line_names_the_last_meter_and_an_empty_one_ends() -> None:
    terminal = Terminal({3: joins, 5: lambda _: "Heat pump\n", 9: lambda _: "\n"})
    [meter] = terminal.command.run("")
    assert (terminal.name, meter.name, terminal.network.now) == ("Heat pump", "Heat pump", 9)
    assert not terminal.network.is_open


def test_a_name_for_nobody_and_a_moment_without_home_assistant_do_not_end_it() -> None:
    def away(network: FakeZigbeeNetwork) -> None:
        network.is_away = True

    def back(network: FakeZigbeeNetwork) -> None:
        network.is_away = False

    terminal = Terminal({2: lambda _: "Too early\n", 4: away, 6: back, 7: joins})
    [meter] = terminal.command.run("")
    assert meter.name == "hems SIM-METER"
    assert terminal.network.now == pytest.approx(OPEN_S, abs=1)
    assert sum("no Zigbee device has joined" in line for line in terminal.lines) == 1


def test_a_stick_that_is_away_ends_it_with_one_line() -> None:
    def unplugged(network: FakeZigbeeNetwork) -> None:
        network.is_loaded, network.broken = False, "setup_retry"

    terminal = Terminal({4: unplugged})
    with pytest.raises(NoZigbeeNetwork, match="look at its stick"):
        terminal.command.run("Heat pump")
    assert terminal.network.now == 4
    assert not any("stick" in line for line in terminal.lines)  # main shows the error


def test_an_interrupt_closes_the_network() -> None:
    def interrupted(_network: FakeZigbeeNetwork) -> None:
        raise KeyboardInterrupt

    terminal = Terminal({5: interrupted})
    with pytest.raises(KeyboardInterrupt):
        terminal.command.run("")
    assert not terminal.network.is_open
