from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.clients.balena.supervisor_api import SupervisorLocked
from hems.errors import HemsError, Rejected, Unavailable
from tests.workers.watchdog.released import HA, Home

LOST = Unavailable("no answer within 60 s")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_refused_restart_is_asked_for_again_ever_more_rarely(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.supervisor.refusal = SupervisorLocked("423")
    home.watch_in_vain(24 * 3600)
    assert home.version.read_text() == "1\n"
    assert home.restart_log.lines == []
    assert 24 <= len(home.supervisor.requests) <= 30
    home.supervisor.refusal = None
    home.watch(3600)
    assert home.version.read_text() == "2\n"


def test_a_lost_answer_means_one_restart_not_one_an_hour(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)

    def lose_the_answer(_name: str) -> None:
        raise LOST

    home.supervisor.on_restart = lose_the_answer
    home.watch_in_vain(7 * 86400)
    assert home.supervisor.requests == [f"restart {HA}"]
    assert home.version.read_text() == "2\n"
    assert home.restart_log.lines == [
        f"restart {HA}: release changed from 1 to 2; the answer was lost"
    ]


@pytest.mark.parametrize("refusal", [SupervisorLocked("423"), Rejected("404")])
def test_after_a_refusal_somebody_elses_restart_is_not_ours(home: Home, refusal: HemsError) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.supervisor.refusal = refusal
    home.watch_in_vain(150)
    assert len(home.supervisor.requests) == 1
    home.supervisor.recreate(HA)
    home.supervisor.refusal = None
    home.watch(3600)
    assert len(home.supervisor.requests) == 1
    assert home.version.read_text() == "2\n"
    assert home.restart_log.lines == []


def test_a_release_that_comes_after_a_lost_answer_and_recreates_needs_no_restart(
    home: Home,
) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.supervisor.refusal = LOST
    home.watch_in_vain(150)
    home.supervisor.change(HA, release_id=3)
    home.supervisor.recreate(HA)  # by the update
    home.supervisor.refusal = None
    home.watch(150)
    assert home.version.read_text() == "3\n"
    assert home.restart_log.lines == []
    assert len(home.supervisor.requests) == 1


def test_an_ok_for_the_old_container_is_not_a_restart(home: Home, mocker: MockerFixture) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    stuck = mocker.patch.object(home.supervisor, "recreate")
    home.watch_in_vain(150)
    assert home.version.read_text() == "1\n"
    assert home.restart_log.lines == []
    mocker.stop(stuck)
    home.watch_in_vain(3600)
    assert home.version.read_text() == "2\n"
    assert home.restart_log.lines == ["restart homeassistant: release changed from 1 to 2"]


def test_two_containers_are_not_yet_another_one(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.supervisor.refusal = LOST
    home.watch_in_vain(150)
    old = home.supervisor.running[HA]
    home.supervisor.recreate(HA)
    home.supervisor.running["the old one"] = old
    home.watch(60)
    assert home.restart_log.lines == []
    del home.supervisor.running["the old one"]
    home.watch(30)
    assert home.restart_log.lines == [
        f"restart {HA}: release changed from 1 to 2; the answer was lost"
    ]


def test_the_wait_after_a_refusal_begins_again_with_every_release(home: Home) -> None:
    home.watch(60)
    home.supervisor.refusal = SupervisorLocked("423")
    for release in (2, 3):
        home.supervisor.change(HA, release_id=release)
        home.supervisor.requests.clear()
        begin, asked_after = home.now, []
        while home.now < begin + 3600:
            before = len(home.supervisor.requests)
            home.watch_in_vain(30)
            if len(home.supervisor.requests) > before:
                asked_after.append(home.now - 30 - begin)
        assert asked_after == [120, 360, 840, 1800]
