from pathlib import Path

import pytest

from hems.clients.balena import Locked
from hems.errors import HemsError, Rejected, Unavailable
from tests.workers.watchdog.released import HA, Home

LOST = Unavailable("no answer within 60 s")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_refused_restart_is_asked_for_again_ever_more_rarely(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.supervisor.refusal = Locked("423")
    home.watch_in_vain(24 * 3600)
    assert home.version.read_text() == "1\n"
    assert home.journal.lines == []
    assert 24 <= len(home.supervisor.asked) <= 30
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
    assert home.supervisor.asked == [f"restart {HA}"]
    assert home.version.read_text() == "2\n"
    assert home.journal.lines == [f"restart {HA}: release 2 has come after 1; the answer was lost"]


@pytest.mark.parametrize("refusal", [Locked("423"), Rejected("404")])
def test_after_a_refusal_somebody_elses_restart_is_not_ours(home: Home, refusal: HemsError) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.supervisor.refusal = refusal
    home.watch_in_vain(150)
    assert len(home.supervisor.asked) == 1
    home.supervisor.recreate(HA)
    home.supervisor.refusal = None
    home.watch(3600)
    assert len(home.supervisor.asked) == 2
    assert home.journal.lines == ["restart homeassistant: release 2 has come after 1"]


def test_a_release_that_comes_after_a_lost_answer_has_its_own_restart(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.supervisor.refusal = LOST
    home.watch_in_vain(150)
    home.supervisor.change(HA, release_id=3)
    home.supervisor.recreate(HA)  # by the update
    home.supervisor.refusal = None
    home.watch(150)
    assert home.journal.lines == ["restart homeassistant: release 3 has come after 1"]
    assert len(home.supervisor.asked) == 2


def test_two_containers_are_not_yet_another_one(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.supervisor.refusal = LOST
    home.watch_in_vain(150)
    old = home.supervisor.running[HA]
    home.supervisor.recreate(HA)
    home.supervisor.running["the old one"] = old
    home.watch(60)
    assert home.journal.lines == []
    del home.supervisor.running["the old one"]
    home.watch(30)
    assert home.journal.lines == [f"restart {HA}: release 2 has come after 1; the answer was lost"]
