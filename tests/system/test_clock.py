import time
import zoneinfo
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from hems.system.clock import TIME_ERROR, SystemClock, is_time_zone


@pytest.mark.parametrize(("state", "is_synchronised"), [(0, True), (1, True), (TIME_ERROR, False)])
def test_the_kernel_reports_whether_ntp_sets_the_clock(
    mocker: MockerFixture, state: int, is_synchronised: bool
) -> None:
    clock = SystemClock()
    mocker.patch.object(clock, "_adjtimex", return_value=state)
    assert clock.is_synchronised() is is_synchronised


def test_a_refused_question_is_not_a_no(mocker: MockerFixture) -> None:
    clock = SystemClock()
    mocker.patch.object(clock, "_adjtimex", return_value=-1)
    with pytest.raises(Unavailable, match="adjtimex"):
        clock.is_synchronised()


def test_both_clocks_tell_seconds() -> None:
    clock = SystemClock()
    assert abs(clock.time() - time.time()) < 5
    assert abs(clock.monotonic() - time.monotonic()) < 5


@pytest.mark.parametrize("name", ["Mars/Phobos", "Europe", "../passwd", "/etc/passwd", ""])
def test_a_name_that_the_database_lacks_is_not_a_time_zone(name: str) -> None:
    assert is_time_zone("Europe/Paris")
    assert not is_time_zone(name)


def test_without_a_database_every_name_is_accepted(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch("importlib.resources.files", return_value=tmp_path)
    zoneinfo.reset_tzpath([str(tmp_path)])
    try:
        assert is_time_zone("Mars/Phobos")
    finally:
        zoneinfo.reset_tzpath()
