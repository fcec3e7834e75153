import pytest

from hems.workers.led.home_assistant_errors import RecentErrors
from tests.fakes.led import ERROR_LINE, INFO_LINE, FakeLog

ZHA = "homeassistant.components.zha"


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
def errors(log: FakeLog) -> RecentErrors:
    return RecentErrors(log, shown_s=600)


def write(log: FakeLog, *lines: str) -> None:
    log.written = [*lines]


def test_an_error_is_recent_for_ten_minutes(log: FakeLog, errors: RecentErrors) -> None:
    write(log, INFO_LINE, ERROR_LINE, "Traceback (most recent call last):")
    errors.read(1000.0)
    assert (
        errors.recent_logger(1000.0),
        errors.recent_logger(1599.9),
        errors.recent_logger(1600.0),
    ) == (ZHA, ZHA, "")


def test_another_error_restarts_the_ten_minutes(log: FakeLog, errors: RecentErrors) -> None:
    for now in (1000.0, 1500.0):
        write(log, ERROR_LINE)
        errors.read(now)
    assert errors.recent_logger(2099.9) == ZHA
    assert errors.recent_logger(2100.0) == ""
    assert errors.count == 2


def test_clean_lines_do_not_put_it_out(log: FakeLog, errors: RecentErrors) -> None:
    write(log, ERROR_LINE)
    errors.read(1000.0)
    write(log, INFO_LINE, INFO_LINE)
    errors.read(1001.0)
    assert errors.recent_logger(1001.0) == ZHA


def test_without_an_error_nothing_is_recent_even_right_after_boot(errors: RecentErrors) -> None:
    errors.read(0.0)
    assert errors.recent_logger(0.0) == ""
    assert errors.last_at is None


def test_no_log_is_an_outage_that_ends_and_keeps_the_last_error(
    log: FakeLog, errors: RecentErrors
) -> None:
    write(log, ERROR_LINE)
    errors.read(1000.0)
    log.written = None
    assert errors.read(1001.0) is False
    assert errors.outage == "home-assistant.log: No such file or directory"
    assert errors.recent_logger(1001.0) == ZHA
    log.written = []
    errors.read(1002.0)
    assert errors.outage == ""


def test_after_a_burst_there_is_more_to_read(log: FakeLog, errors: RecentErrors) -> None:
    log.at_once = 2
    write(log, *[ERROR_LINE] * 5)
    assert [errors.read(1000.0) for _ in range(3)] == [True, True, False]
    assert errors.count == 5
