from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest

from hems.errors import HemsError, ProtocolError, Unavailable
from hems.protocols.gateway.watchdog_report import Internet
from hems.workers.led.led_meaning import HomeAssistantState, PeerStatus
from tests.fakes.led import FakeWorld, health_report

NOW = 5000.0


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


def status(world: FakeWorld, now: float = NOW) -> PeerStatus:
    return world.probes().run(lambda: now)


def raising(error: HemsError) -> Callable[[], int]:
    def ask() -> int:
        raise error

    return ask


@pytest.mark.parametrize(
    ("http_status", "echoes", "state"),
    [
        (200, True, HomeAssistantState.ANSWERS),
        (404, True, HomeAssistantState.ANSWERS),
        (200, False, HomeAssistantState.ANSWERS),
        (500, True, HomeAssistantState.SILENT),
        (None, True, HomeAssistantState.SILENT),
        (502, False, HomeAssistantState.GONE),
        (None, False, HomeAssistantState.GONE),
    ],
)
def test_home_assistant_by_http_and_ping(
    world: FakeWorld, http_status: int | None, echoes: bool, state: HomeAssistantState
) -> None:
    world.status, world.echoes = http_status, echoes
    assert status(world).home_assistant is state


def test_rubbish_instead_of_http_is_no_answer(world: FakeWorld) -> None:
    probes = replace(world.probes(), http_status=raising(ProtocolError("not HTTP")))
    assert probes.run(lambda: NOW).home_assistant is HomeAssistantState.SILENT


@pytest.mark.parametrize("internet", list(Internet))
def test_the_watchdogs_fresh_word_counts(world: FakeWorld, internet: Internet) -> None:
    world.hear(NOW - 20, internet)
    assert status(world) == PeerStatus(HomeAssistantState.ANSWERS, internet)


def test_a_fresh_watchdog_saves_the_own_probe(world: FakeWorld) -> None:
    def check_internet(_: object) -> NoReturn:
        raise AssertionError("probed without need")

    world.hear(NOW, Internet.PORTAL)
    peers = replace(world.probes(), check_internet=check_internet).run(lambda: NOW)
    assert peers.internet is Internet.PORTAL


@pytest.mark.parametrize("written_at", [NOW - 91, NOW + 1, 0.0])
def test_an_old_word_and_one_of_another_boot_do_not_count(
    world: FakeWorld, written_at: float
) -> None:
    world.hear(written_at, Internet.PORTAL, "mqtt")
    peers = status(world)
    assert peers.internet is Internet.ONLINE
    assert peers.watchdog_away.startswith("the watchdog's report is ")


@pytest.mark.parametrize("internet", list(Internet))
def test_without_a_watchdog_led_checks_the_internet_itself(
    world: FakeWorld, internet: Internet
) -> None:
    world.internet = internet
    peers = status(world)
    assert peers.internet is internet
    assert peers.watchdog_away == "watchdog.json cannot be read: No such file or directory"


def test_a_broken_state_is_none(world: FakeWorld) -> None:
    probes = replace(world.probes(), read_watchdog=lambda: b'{"internet":')
    assert probes.run(lambda: NOW).watchdog_away.startswith("the watchdog's report: ")


def test_the_problems_are_those_of_the_gateways_list(world: FakeWorld) -> None:
    world.hear(NOW, Internet.ONLINE, "mqtt does not answer", "the meter is silent")
    assert status(world).problems == ("mqtt does not answer", "the meter is silent")


@pytest.mark.parametrize("health", [None, b"{}", health_report(NOW - 31), health_report(NOW + 1)])
def test_without_a_fresh_list_the_problems_are_not_known(
    world: FakeWorld, health: bytes | None
) -> None:
    world.hear(NOW, Internet.ONLINE)
    world.health = health
    assert status(world).problems is None


def test_time_is_read_after_the_slow_questions(world: FakeWorld) -> None:
    """A state written while Home Assistant kept us waiting is not of another boot."""
    now = [NOW]

    def slow() -> int:
        now[0] += 5
        world.hear(now[0], Internet.PORTAL)
        raise Unavailable("no answer")

    probes = replace(world.probes(), http_status=slow)
    assert probes.run(lambda: now[0]).internet is Internet.PORTAL
