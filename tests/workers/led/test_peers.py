from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest

from hems.errors import HemsError, ProtocolError, Unavailable
from hems.protocols.watchdog_state import Internet
from hems.workers.led.meaning import HomeAssistant, Seen
from hems.workers.led.peers import MEMORY, REBOOTS, Peers
from tests.fakes.led import FakeWorld

NOW = 5000.0


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


def look(world: FakeWorld, now: float = NOW) -> Seen:
    return world.peers().look(lambda: now)


def raising(error: HemsError) -> Callable[[], int]:
    def ask() -> int:
        raise error

    return ask


@pytest.mark.parametrize(
    ("status", "echoes", "found"),
    [
        (200, True, HomeAssistant.ANSWERS),
        (404, True, HomeAssistant.ANSWERS),
        (200, False, HomeAssistant.ANSWERS),
        (500, True, HomeAssistant.SILENT),
        (None, True, HomeAssistant.SILENT),
        (502, False, HomeAssistant.GONE),
        (None, False, HomeAssistant.GONE),
    ],
)
def test_home_assistant_by_http_and_ping(
    world: FakeWorld, status: int | None, echoes: bool, found: HomeAssistant
) -> None:
    world.status, world.echoes = status, echoes
    assert look(world).home_assistant is found


def test_rubbish_instead_of_http_is_no_answer(world: FakeWorld) -> None:
    peers = replace(world.peers(), http_status=raising(ProtocolError("not HTTP")))
    assert peers.look(lambda: NOW).home_assistant is HomeAssistant.SILENT


@pytest.mark.parametrize("internet", list(Internet))
def test_the_watchdogs_fresh_word_counts(world: FakeWorld, internet: Internet) -> None:
    world.hear(NOW - 89, internet)
    assert look(world) == Seen(HomeAssistant.ANSWERS, internet)


def test_a_fresh_watchdog_saves_the_own_probe(world: FakeWorld) -> None:
    def look_out(_: object) -> NoReturn:
        raise AssertionError("asked in vain")

    world.hear(NOW, Internet.PORTAL)
    found = replace(world.peers(), look_out=look_out).look(lambda: NOW)
    assert found.internet is Internet.PORTAL


@pytest.mark.parametrize("written_at", [NOW - 91, NOW + 1, 0.0])
def test_an_old_word_and_one_of_another_boot_do_not_count(
    world: FakeWorld, written_at: float
) -> None:
    world.hear(written_at, Internet.PORTAL, "mqtt")
    found = look(world)
    assert found.internet is Internet.ONLINE
    assert found.given_up == ()
    assert found.watchdog_away == "its state is old"


@pytest.mark.parametrize("internet", list(Internet))
def test_without_a_watchdog_the_own_look_counts(world: FakeWorld, internet: Internet) -> None:
    world.internet = internet
    found = look(world)
    assert found.internet is internet
    assert found.watchdog_away == "its state cannot be read: No such file or directory"


def test_a_broken_state_is_none(world: FakeWorld) -> None:
    peers = replace(world.peers(), read_watchdog=lambda: b'{"internet":')
    assert peers.look(lambda: NOW).watchdog_away.startswith("not a state of the watchdog")


def test_what_was_given_up_is_told(world: FakeWorld) -> None:
    world.hear(NOW, Internet.ONLINE, "mqtt", "influxdb")
    assert look(world).given_up == ("mqtt", "influxdb")


def test_reboots_that_do_not_help_are_told(world: FakeWorld) -> None:
    world.hear(NOW, Internet.LAN_ONLY, "mqtt", is_reboot_budget_exhausted=True)
    assert look(world).given_up == ("mqtt", REBOOTS)


def test_a_memory_that_cannot_be_written_is_told(world: FakeWorld) -> None:
    world.hear(NOW, Internet.ONLINE, "mqtt", is_data_unwritable=True)
    assert look(world).given_up == ("mqtt", MEMORY)


def test_time_is_read_after_the_slow_questions(world: FakeWorld) -> None:
    """A state written while Home Assistant kept us waiting is not of another boot."""
    now = [NOW]

    def slow() -> int:
        now[0] += 5
        world.hear(now[0], Internet.PORTAL)
        raise Unavailable("no answer")

    peers: Peers = replace(world.peers(), http_status=slow)
    assert peers.look(lambda: now[0]).internet is Internet.PORTAL
