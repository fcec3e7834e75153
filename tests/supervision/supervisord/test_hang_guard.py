import errno
import faulthandler
import os
from contextlib import suppress
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.supervision.supervisord import hang_guard
from hems.supervision.supervisord.hang_guard import BEAT_S, TICKS, Hang, HangGuard


@pytest.fixture
def ended(mocker: MockerFixture) -> list[int]:
    """Record the exit statuses of the process instead of ending it."""
    statuses: list[int] = []
    mocker.patch.object(hang_guard, "_exit", statuses.append)
    mocker.patch.object(faulthandler, "dump_traceback")
    return statuses


def test_a_beat_writes_the_monotonic_seconds(tmp_path: Path) -> None:
    guard = HangGuard(30, tmp_path / "beat", print)
    assert guard.beat(123.4567) == 123.4567 + BEAT_S
    assert float((tmp_path / "beat").read_text()) == 123.457


def test_nothing_happens_before_the_next_beat_is_due(tmp_path: Path) -> None:
    guard = HangGuard(30, tmp_path / "beat", print)
    guard.beat(100)
    guard.beat(104.9)
    assert float((tmp_path / "beat").read_text()) == 100
    guard.beat(105)
    assert float((tmp_path / "beat").read_text()) == 105


def test_a_short_guard_beats_more_often() -> None:
    assert HangGuard(2, None, print).beat(100) == 100.5


def test_a_shorter_number_leaves_nothing_of_a_longer_one(tmp_path: Path) -> None:
    HangGuard(30, tmp_path / "beat", print).beat(1e9)
    HangGuard(30, tmp_path / "beat", print).beat(7)
    assert float((tmp_path / "beat").read_text()) == 7


def test_every_fault_is_one_line_when_it_begins_and_one_when_it_ends(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    lines: list[str] = []
    guard = HangGuard(30, tmp_path / "beat", lines.append)
    full = OSError(errno.ENOSPC, "No space left on device")
    for begin in (0, 40):
        pwrite = mocker.patch.object(os, "pwrite", side_effect=full)
        guard.beat(begin)
        guard.beat(begin + 10)
        mocker.stop(pwrite)
        guard.beat(begin + 20)
        guard.beat(begin + 30)
    assert lines == 2 * [
        "heartbeat: [Errno 28] No space left on device; trying again",
        "heartbeat: works again after 20 s",
    ]


def test_the_first_beat_is_due_at_once_and_each_other_an_interval_later() -> None:
    guard = HangGuard(30, None, print)
    assert [guard.beat(now) for now in (0.0, 4.9, 5.0, 9.9, 10.0, 100.0)] == [5, 5, 10, 10, 15, 105]


def test_beats_need_no_further_descriptor(tmp_path: Path) -> None:
    guard = HangGuard(30, tmp_path / "beat", print)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for now in range(0, 50, 5):
        guard.beat(now)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    guard.close()


def test_ticks_without_a_round_end_the_process(
    ended: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    guard = HangGuard(30, None, print)
    guard.beat(0)
    for _ in range(TICKS):
        guard.tick()
    assert not ended  # the first one comes early
    guard.tick()
    assert ended == [1]
    assert "supervisord has hung for 30 s (guard_sec)" in capfd.readouterr().err


def test_a_pause_is_one_tick_whatever_its_length(ended: list[int]) -> None:
    guard = HangGuard(30, None, print)
    for now in range(0, 10_000, 1000):
        guard.beat(now)
        for _ in range(TICKS):
            guard.tick()
    assert not ended


def test_closing_closes_the_descriptor_for_the_traceback() -> None:
    guard = HangGuard(30, None, print)
    descriptor = guard._output
    guard.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_stderr_that_cannot_be_opened_again_is_used_itself_and_stays_open(
    mocker: MockerFixture,
) -> None:
    mocker.patch.object(os, "open", side_effect=OSError(errno.ENXIO, "a socket"))
    guard = HangGuard(30, None, print)
    assert guard._output == 2
    guard.close()
    os.fstat(2)


def test_what_hangs_within_the_guard_is_interrupted_again_and_again(ended: list[int]) -> None:
    guard = HangGuard(30, None, print)
    for _ in range(2):
        with guard.interrupting():
            guard.tick()
            guard.tick()
            with pytest.raises(Hang, match="longer than 15 s"):
                guard.tick()
        guard.tick()  # it is over: nothing is raised
    assert not ended


def test_what_will_not_be_interrupted_ends_supervisord(ended: list[int]) -> None:
    guard = HangGuard(30, None, print)
    with guard.interrupting():
        for _ in range(TICKS + 1):
            with suppress(Hang):
                guard.tick()
    assert ended == [1]
