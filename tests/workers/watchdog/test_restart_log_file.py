from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.workers.watchdog.restart_log_file import MAX_BYTES, RestartLog
from tests.fakes.time import FakeTime


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime(epoch=1_795_435_200.0)


def test_a_line_has_the_time_the_action_and_the_reason(tmp_path: Path, clock: FakeTime) -> None:
    log = RestartLog(tmp_path / "restartLog.txt", clock)
    log.add("restart homeassistant", "release changed from 1 to 2")
    line = "2026-11-23T12:00:00Z  restart homeassistant: release changed from 1 to 2"
    assert (tmp_path / "restartLog.txt").read_text() == line + "\n"
    assert log.last == line


def test_what_is_only_shown_costs_the_card_nothing(tmp_path: Path, clock: FakeTime) -> None:
    log = RestartLog(tmp_path / "restartLog.txt", clock)
    log.show("no restart of mqtt", "its last restart\nis too recent")
    assert log.last.endswith("Z  no restart of mqtt: its last restart is too recent")
    assert not (tmp_path / "restartLog.txt").exists()


def test_lines_are_only_ever_added(tmp_path: Path, clock: FakeTime) -> None:
    path = tmp_path / "restartLog.txt"
    path.write_text("of an older gateway\n")
    for number in range(3):
        RestartLog(path, clock).add(f"action {number}", "reason")
    lines = path.read_text().splitlines()
    assert lines[0] == "of an older gateway"
    assert [line[22:] for line in lines[1:]] == [f"action {n}: reason" for n in range(3)]


def test_the_older_half_of_a_log_that_is_too_long_goes(tmp_path: Path, clock: FakeTime) -> None:
    path = tmp_path / "restartLog.txt"
    log = RestartLog(path, clock)
    for _ in range(2):
        path.write_text("".join(f"{number:09d}\n" for number in range(MAX_BYTES // 10 - 1)))
        log.add("restart mqtt", "no answer")
        lines = path.read_text().splitlines()
        assert lines[-1].endswith("restart mqtt: no answer")
        assert lines[-2] == f"{MAX_BYTES // 10 - 2:09d}"
        assert MAX_BYTES // 2 - 100 < path.stat().st_size <= MAX_BYTES // 2
        assert all(len(line) == 9 for line in lines[:-1])


def test_a_log_that_is_not_too_long_stays_whole(tmp_path: Path, clock: FakeTime) -> None:
    path = tmp_path / "restartLog.txt"
    line = "2026-11-23T12:00:00Z  restart mqtt: no answer\n"
    path.write_text("x" * (MAX_BYTES - len(line) - 1) + "\n")
    RestartLog(path, clock).add("restart mqtt", "no answer")
    assert path.stat().st_size == MAX_BYTES


def test_a_reason_is_one_line_whatever_a_peer_has_said(tmp_path: Path, clock: FakeTime) -> None:
    path = tmp_path / "restartLog.txt"
    RestartLog(path, clock).add("reboot refused", "Lockfile\nexists\r\n\tfor service")
    assert path.read_text().count("\n") == 1
    assert "Lockfile exists for service" in path.read_text()


@pytest.mark.parametrize(
    ("content", "last"),
    [
        (b"", ""),
        (b"first\nsecond\n", "second"),
        (b"only\n", "only"),
        (b"first\nsecond, torn", "first"),
        (b"torn", ""),
        (b"caf\xe9\n", "caf\N{REPLACEMENT CHARACTER}"),
        (b"x" * 100_000 + b"\nlast\n", "last"),
        (b"first\n" + b"x" * 100_000 + b"\n", "x" * 4095),
    ],
)
def test_the_newest_whole_line_is_known_after_a_restart(
    tmp_path: Path, clock: FakeTime, content: bytes, last: str
) -> None:
    path = tmp_path / "restartLog.txt"
    path.write_bytes(content)
    assert RestartLog(path, clock).last == last
    assert path.read_bytes() == content


def test_without_a_log_there_is_no_newest_line(tmp_path: Path, clock: FakeTime) -> None:
    assert RestartLog(tmp_path / "restartLog.txt", clock).last == ""
    assert RestartLog(tmp_path, clock).last == ""


def test_a_log_of_any_length_is_read_from_its_end_only(tmp_path: Path, clock: FakeTime) -> None:
    path = tmp_path / "restartLog.txt"
    with path.open("wb") as file:
        file.seek(10**12)  # a hole
        file.write(b"\nlast\n")
    assert RestartLog(path, clock).last == "last"


def test_whether_a_line_could_be_written_is_seen_before_there_is_one(
    tmp_path: Path, clock: FakeTime
) -> None:
    log = RestartLog(tmp_path / "data" / "restartLog.txt", clock)
    with pytest.raises(Unavailable, match="data is missing; create or mount it"):
        log.step(0.0)
    assert not log.is_writable
    (tmp_path / "data").mkdir()
    log.step(30.0)
    assert log.is_writable


def test_a_log_that_cannot_be_written_costs_the_line_only(tmp_path: Path, clock: FakeTime) -> None:
    log = RestartLog(tmp_path / "missing" / "restartLog.txt", clock)
    log.add("reboot", "no internet")
    assert log.last.endswith("reboot: no internet")


def test_every_loss_of_the_directory_is_noticed(tmp_path: Path, clock: FakeTime) -> None:
    log = RestartLog(tmp_path / "data" / "restartLog.txt", clock)
    for _ in range(2):
        (tmp_path / "data").mkdir()
        log.step(0.0)
        assert log.is_writable
        (tmp_path / "data").rmdir()
        with pytest.raises(Unavailable):
            log.step(0.0)
        assert not log.is_writable
