import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from tests.fakes.time import FakeTime
from tests.workers.watchdog.released import HA, Home

EPOCH = FakeTime().epoch


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_the_first_boot_records_the_release_and_restarts_nothing(home: Home) -> None:
    home.watch(3600)
    assert home.version.read_text() == "1\n"
    assert home.supervisor.requests == []


def test_a_release_that_stays_for_two_minutes_restarts_home_assistant_once(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.watch(120)
    assert home.supervisor.requests == []
    home.watch(30)
    assert home.supervisor.requests == ["restart homeassistant"]
    assert home.version.read_text() == "2\n"
    assert home.restart_log.lines == ["restart homeassistant: release changed from 1 to 2"]
    home.watch(7200)
    assert len(home.supervisor.requests) == 1


@pytest.mark.parametrize("releases", [[2, 1], [2, 3, 2, 3, 1], [2, 1, 2, 1]])
def test_a_release_that_does_not_stay_restarts_nothing(home: Home, releases: list[int]) -> None:
    home.watch(60)
    for release in releases:
        home.supervisor.change(HA, release_id=release)
        home.watch(120)
    assert home.supervisor.requests == []
    assert home.version.read_text() == "1\n"


def test_a_change_while_the_worker_was_away_is_seen(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.start()
    home.watch(150)
    assert home.supervisor.requests == ["restart homeassistant"]


def test_the_version_is_written_only_after_the_restart(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.supervisor.on_restart = lambda _: seen.append(home.version.read_text())
    seen: list[str] = []
    home.watch(150)
    assert seen == ["1\n"]


def test_a_disk_that_is_full_does_not_restart_home_assistant_twice(
    home: Home, mocker: MockerFixture
) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    full_disk = mocker.patch("hems.system.files.replace", side_effect=no_space)
    home.watch_in_vain(3600)
    assert home.version.read_text() == "1\n"
    mocker.stop(full_disk)
    home.watch(30)
    assert home.version.read_text() == "2\n"
    assert home.supervisor.requests == ["restart homeassistant"]
    assert home.restart_log.actions == ["restart homeassistant"]


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
    assert home.supervisor.requests == []


@pytest.mark.parametrize("text", ["", "release", "1 2", "\0\0\0", "1.5", "²"])
def test_a_version_that_makes_no_sense_is_replaced_and_restarts_nothing(
    home: Home, text: str
) -> None:
    home.version.write_text(text)
    home.watch(3600)
    assert home.version.read_text() == "1\n"
    assert home.supervisor.requests == []


def test_a_fleet_without_home_assistant_is_fine(home: Home) -> None:
    home.supervisor.releases.clear()
    home.watch(600)
    assert not home.version.exists()


def test_a_version_that_cannot_be_read_restarts_nothing(home: Home) -> None:
    home.version.mkdir()
    with pytest.raises(Unavailable, match="cannot be read"):
        home.watch(30)
    assert home.supervisor.requests == []


def test_a_damaged_version_of_many_digits_is_no_release(home: Home) -> None:
    home.version.write_text("9" * 5000)
    home.watch(3600)
    assert home.version.read_text() == "1\n"
    assert home.supervisor.requests == []


def test_a_version_of_18_digits_is_a_release(home: Home) -> None:
    home.version.write_text("9" * 18)
    home.watch(150)
    assert home.supervisor.requests == ["restart homeassistant"]


def test_every_release_has_its_own_two_minutes(home: Home) -> None:
    home.watch(60)
    for release in (2, 3):
        home.supervisor.change(HA, release_id=release)
        home.watch(120)
        assert len(home.supervisor.requests) == release - 2
        home.watch(30)
        assert len(home.supervisor.requests) == release - 1


def test_a_release_that_recreates_home_assistant_causes_no_second_restart(home: Home) -> None:
    home.watch(60)
    for release in (2, 3):
        home.supervisor.change(HA, release_id=release)  # known before it runs
        home.watch(60)
        home.supervisor.recreate(HA)
        home.watch(3600)
        assert home.version.read_text() == f"{release}\n"
    assert home.supervisor.requests == []
    assert home.restart_log.lines == []


def test_a_recreation_while_the_worker_was_away_is_seen(home: Home) -> None:
    for release in (2, 3):
        home.watch(60)
        home.supervisor.change(HA, release_id=release)
        home.supervisor.recreate(HA)
        home.start()
        home.watch(150)
        assert home.version.read_text() == f"{release}\n"
    assert home.supervisor.requests == []


def test_a_restart_before_the_release_does_not_count_for_it(home: Home) -> None:
    home.watch(60)
    home.supervisor.recreate(HA)  # by provision
    home.watch(60)
    home.start()
    home.supervisor.change(HA, release_id=2)  # which only renames the container
    home.watch(150)
    assert home.supervisor.requests == ["restart homeassistant"]


@pytest.mark.parametrize("text", ["", "\0", "a b", "\xff" * 10, "a" * 5000])
def test_a_container_that_is_not_known_means_a_restart(home: Home, text: str) -> None:
    home.watch(60)
    home.version.with_name("version_container.txt").write_text(text)
    home.supervisor.change(HA, release_id=2)
    home.supervisor.recreate(HA)
    home.start()
    home.watch(150)
    assert home.supervisor.requests == ["restart homeassistant"]


def test_a_restart_waits_for_the_update_to_end(home: Home) -> None:
    home.watch(60)
    for release in (2, 3):
        home.supervisor.change(HA, release_id=release)
        home.supervisor.is_applying = True
        home.watch(600)
        assert len(home.supervisor.requests) == release - 2
        home.supervisor.is_applying = False
        home.watch(30)
        assert len(home.supervisor.requests) == release - 1


def test_a_restart_waits_only_an_hour_for_an_update_that_never_ends(home: Home) -> None:
    home.watch(60)
    home.supervisor.change(HA, release_id=2)
    home.supervisor.is_applying = True
    home.watch(120 + 3600)
    assert home.supervisor.requests == []
    home.watch(30)
    assert home.supervisor.requests == ["restart homeassistant"]


@pytest.mark.parametrize(("age_s", "restarts"), [(60.0, 0), (3600.0, 1)])
def test_after_an_older_version_the_age_of_the_container_decides(
    home: Home, age_s: float, restarts: int
) -> None:
    home.version.write_text("1\n")
    os.utime(home.version, times=(EPOCH - 600.0, EPOCH - 600.0))
    created = datetime.fromtimestamp(EPOCH - age_s, UTC).isoformat()
    home.supervisor.recreate(HA, created)
    home.supervisor.change(HA, release_id=2)
    home.watch(600)
    assert len(home.supervisor.requests) == restarts
    assert home.version.read_text() == "2\n"
