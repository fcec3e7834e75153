from pathlib import Path

import pytest

from hems.errors import Unavailable
from tests.workers.watchdog.released import HA, Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_the_first_boot_records_the_release_and_restarts_nothing(home: Home) -> None:
    home.watch(3600)
    assert home.version.read_text() == "1\n"
    assert home.supervisor.asked == []


def test_a_release_that_stays_for_two_minutes_restarts_home_assistant_once(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.watch(120)
    assert home.supervisor.asked == []
    home.watch(30)
    assert home.supervisor.asked == ["restart homeassistant"]
    assert home.version.read_text() == "2\n"
    assert home.journal.lines == ["restart homeassistant: release 2 has come after 1"]
    home.watch(7200)
    assert len(home.supervisor.asked) == 1


@pytest.mark.parametrize("releases", [[2, 1], [2, 3, 2, 3, 1], [2, 1, 2, 1]])
def test_a_release_that_does_not_stay_restarts_nothing(home: Home, releases: list[int]) -> None:
    home.watch(60)
    for release in releases:
        home.supervisor.change(HA, release_id=release)
        home.watch(120)
    assert home.supervisor.asked == []
    assert home.version.read_text() == "1\n"


def test_a_change_while_the_worker_was_away_is_seen(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.start()
    home.watch(150)
    assert home.supervisor.asked == ["restart homeassistant"]


def test_the_version_is_written_only_after_the_restart(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.supervisor.on_restart = lambda _: seen.append(home.version.read_text())
    seen: list[str] = []
    home.watch(150)
    assert seen == ["1\n"]


def test_a_disk_that_is_full_does_not_restart_home_assistant_twice(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    with monkeypatch.context() as patch:
        patch.setattr("hems.system.files.replace", no_space)
        home.watch_in_vain(3600)
        assert home.version.read_text() == "1\n"
    home.watch(30)
    assert home.version.read_text() == "2\n"
    assert home.supervisor.asked == ["restart homeassistant"]
    assert home.journal.actions == ["restart homeassistant"]


def no_space(path: Path, data: bytes) -> None:
    raise Unavailable(f"{path} cannot be written: No space left on device")


@pytest.mark.parametrize(
    "changes",
    [{"status": "Downloading"}, {"download_progress": 40.0}, {"status": "exited"}],
)
def test_home_assistant_is_left_alone_while_it_is_updated(
    home: Home, changes: dict[str, object]
) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2, **changes)
    home.watch(3600)
    assert home.supervisor.asked == []


@pytest.mark.parametrize("text", ["", "release", "1 2", "\0\0\0", "1.5", "²"])
def test_a_version_that_makes_no_sense_is_taken_anew_and_restarts_nothing(
    home: Home, text: str
) -> None:
    home.version.write_text(text)
    home.watch(3600)
    assert home.version.read_text() == "1\n"
    assert home.supervisor.asked == []


def test_a_fleet_without_home_assistant_is_fine(home: Home) -> None:
    home.supervisor.releases.clear()
    home.watch(600)
    assert not home.version.exists()


def test_a_version_that_cannot_be_read_restarts_nothing(home: Home) -> None:
    home.version.mkdir()
    with pytest.raises(Unavailable, match="cannot be read"):
        home.watch(30)
    assert home.supervisor.asked == []


def test_a_damaged_version_of_many_digits_is_no_release(home: Home) -> None:
    home.version.write_text("9" * 5000)
    home.watch(3600)
    assert home.version.read_text() == "1\n"
    assert home.supervisor.asked == []
