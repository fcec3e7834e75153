import os

import pytest
from pytest_mock import MockerFixture

from hems.supervision.worker.notifier import SupervisorNotifier


def test_the_beat_is_half_the_watchdog_time() -> None:
    assert SupervisorNotifier(None, 30_000_000).beat_s == 15.0
    assert SupervisorNotifier(None).beat_s is None


@pytest.mark.parametrize("usec", ["", "-1", "1.5", "\u0661", "1" * 16])
def test_a_watchdog_time_that_is_no_number_of_microseconds_is_none(
    usec: str, mocker: MockerFixture
) -> None:
    mocker.patch.dict(os.environ, {"WATCHDOG_USEC": usec})
    assert SupervisorNotifier.of_environment().beat_s is None


def test_without_a_supervisor_nothing_is_sent(mocker: MockerFixture) -> None:
    mocker.patch.dict(os.environ)
    os.environ.pop("NOTIFY_SOCKET", None)
    sent: list[bytes] = []
    notifier = SupervisorNotifier.of_environment(sent.append)
    notifier.status("up")
    notifier.ready()
    notifier.stopping()
    assert sent == []
