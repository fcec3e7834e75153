import errno
import faulthandler
import os
from pathlib import Path

import pytest

from hems.supervision.guard import BEAT_S, Guard


@pytest.fixture
def armed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the times the guard arms instead of arming them."""
    times: list[float] = []
    monkeypatch.setattr(
        faulthandler, "dump_traceback_later", lambda timeout, **_: times.append(timeout)
    )
    return times


def test_a_beat_writes_the_monotonic_seconds_and_arms_the_guard(
    tmp_path: Path, armed: list[float]
) -> None:
    guard = Guard(30, tmp_path / "beat", print)
    assert guard.beat(123.4567) == 123.4567 + BEAT_S
    assert float((tmp_path / "beat").read_text()) == 123.457
    assert armed == [30]


def test_nothing_happens_before_the_next_beat_is_due(tmp_path: Path, armed: list[float]) -> None:
    guard = Guard(30, tmp_path / "beat", print)
    guard.beat(100)
    guard.beat(104.9)
    assert float((tmp_path / "beat").read_text()) == 100
    guard.beat(105)
    assert float((tmp_path / "beat").read_text()) == 105


def test_a_short_guard_beats_more_often(armed: list[float]) -> None:
    assert Guard(2, None, print).beat(100) == 100.5


def test_a_shorter_number_leaves_nothing_of_a_longer_one(
    tmp_path: Path, armed: list[float]
) -> None:
    Guard(30, tmp_path / "beat", print).beat(1e9)
    Guard(30, tmp_path / "beat", print).beat(7)
    assert float((tmp_path / "beat").read_text()) == 7


def test_a_full_disk_is_one_line_when_it_begins_and_one_when_it_ends(
    tmp_path: Path, armed: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    guard = Guard(30, tmp_path / "beat", lines.append)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        guard.beat(0)
        guard.beat(10)
    guard.beat(20)
    guard.beat(30)
    assert lines == [
        "heartbeat: [Errno 28] No space left on device",
        f"heartbeat: {tmp_path / 'beat'} is written again",
    ]
