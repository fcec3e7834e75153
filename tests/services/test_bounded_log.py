"""Home Assistant's log file is bounded, whatever somebody sends."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

import bounded_log
import pytest
from bounded_log import HOUR_S, HOURLY, MAX_LOGGERS, Limit
from pytest_mock import MockerFixture


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_logger_has_its_share_of_each_hour() -> None:
    clock = Clock()
    limit = Limit(clock)
    for hour in range(3):
        clock.now = hour * HOUR_S
        admitted = [limit.admits("http.forwarded", HOURLY // 8) for _ in range(100)]
        assert [one for one, _ in admitted] == [True] * 8 + [False] * 92
        assert [omitted for _, omitted in admitted if omitted] == [92] * (hour > 0)
        assert limit.admits("recorder", 100) == (True, 0)


def test_one_long_entry_is_written() -> None:
    limit = Limit(Clock())
    assert limit.admits("a", 10 * HOURLY) == (True, 0)
    assert limit.admits("a", 1) == (False, 0)


def test_the_number_of_loggers_is_bounded() -> None:
    limit = Limit(Clock())
    admitted = sum(limit.admits(f"logger {number}", HOURLY)[0] for number in range(5 * MAX_LOGGERS))
    assert admitted == MAX_LOGGERS + 1


@pytest.fixture
def folder(tmp_path: Path, mocker: MockerFixture) -> Path:
    """Return the folder of a log, with the limit in place."""
    mocker.patch.object(logging.FileHandler, "emit", logging.FileHandler.emit)
    bounded_log.install()
    return tmp_path


def opened(path: Path) -> RotatingFileHandler:
    """Return the handler that Home Assistant has: without a size."""
    return RotatingFileHandler(path, backupCount=1)


def entry(level: int, text: str) -> logging.LogRecord:
    return logging.LogRecord("homeassistant.components.http", level, "", 0, text, None, None)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


@pytest.mark.parametrize("level", [logging.WARNING, logging.ERROR])
def test_a_flood_writes_little_and_says_so(folder: Path, mocker: MockerFixture, level: int) -> None:
    clock = mocker.patch.object(bounded_log.Limit.admits.__globals__["time"], "monotonic")
    clock.return_value = 0.0
    handler = opened(folder / bounded_log.FILE)
    for _ in range(10_000):
        handler.emit(entry(level, "X-Forwarded-For " * 20))
    assert HOURLY / 2 < size(folder) <= HOURLY + 1000
    handler.close()


def test_what_a_person_asks_for_is_complete_but_not_without_an_end(
    folder: Path, mocker: MockerFixture
) -> None:
    mocker.patch.object(bounded_log, "MAX", 50_000)
    handler = opened(folder / bounded_log.FILE)
    for number in range(10_000):
        handler.emit(entry(logging.DEBUG, f"message {number}"))
        if number == 1000:
            assert len((folder / bounded_log.FILE).read_text().splitlines()) == 1001
    assert sorted(path.name for path in folder.iterdir()) == [
        bounded_log.FILE,
        f"{bounded_log.FILE}.1",
    ]
    assert size(folder) < 100_100
    handler.close()


def test_another_file_is_not_touched(folder: Path) -> None:
    handler = opened(folder / "other.log")
    for _ in range(1000):
        handler.emit(entry(logging.ERROR, "x" * 100))
    assert size(folder) == 101_000
    handler.close()
