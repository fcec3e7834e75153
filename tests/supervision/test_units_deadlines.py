import signal

import pytest

from hems.supervision.phases import Command
from hems.supervision.spec import Type
from tests.supervision.owner import launched, ready


def test_a_stop_that_takes_too_long_ends_with_a_kill() -> None:
    own = ready(stop_timeout_s=10)
    own.unit.stop(own.now)
    own.run(9.9)
    assert Command.KILL not in own.commands
    own.run(0.2)
    assert own.commands[-1] is Command.KILL


def test_a_process_that_says_it_stops_is_given_the_stop_time_out() -> None:
    own = ready(stop_timeout_s=10, watchdog_s=1)
    own.tell(is_stopping=True)
    own.run(9.9)
    assert own.commands == [Command.SPAWN]
    own.run(0.2)
    assert own.commands[-1] is Command.KILL


def test_a_start_that_takes_too_long_is_aborted_then_killed_then_restarted() -> None:
    own = launched(type=Type.NOTIFY, start_timeout_s=20, abort_timeout_s=5)
    own.run(19.9)
    assert own.commands == [Command.SPAWN]
    own.run(0.2)
    assert own.commands == [Command.SPAWN, Command.ABORT]
    own.run(5)
    assert own.commands == [Command.SPAWN, Command.ABORT, Command.KILL]
    own.exit(signal=signal.SIGKILL)
    assert own.unit.restarts.reason == "not ready within 20 s, killed by signal 9 (Killed)"
    own.run(1)
    assert own.phase == "activating"


def test_a_watchdog_without_a_ping_aborts() -> None:
    own = ready(watchdog_s=30)
    own.run(29.9)
    own.tell(is_alive=True)
    own.run(29.9)
    assert own.commands == [Command.SPAWN]
    own.run(0.2)
    assert own.commands == [Command.SPAWN, Command.ABORT]
    own.exit(signal=signal.SIGABRT)
    assert own.unit.restarts.reason == "watchdog: no ping for 30 s, killed by signal 6 (Aborted)"


def test_the_watchdog_counts_from_the_end_of_the_start() -> None:
    own = launched(type=Type.NOTIFY, watchdog_s=1)
    own.run(50)
    assert own.commands == [Command.SPAWN]
    assert launched(watchdog_s=1).unit.deadline == 1001.0  # simple: from the spawn


def test_repeating_ready_feeds_the_watchdog() -> None:
    own = ready(watchdog_s=1)
    for _ in range(5):
        own.run(0.9)
        own.tell(is_ready=True)
    assert own.commands == [Command.SPAWN]


def test_a_hung_process_that_exits_well_when_aborted_is_still_restarted() -> None:
    own = ready(watchdog_s=1)
    own.run(2)
    own.exit(0)
    assert own.phase == "auto-restart"


@pytest.mark.parametrize("is_ready", [True, False])
def test_a_trigger_aborts_at_once(is_ready: bool) -> None:
    own = launched(type=Type.NOTIFY)
    if is_ready:
        own.tell(is_ready=True)
    own.tell(is_trigger=True)
    assert own.commands == [Command.SPAWN, Command.ABORT]
    assert own.unit.is_interrupted


def test_a_process_being_aborted_can_neither_revive_nor_extend_itself() -> None:
    own = ready(watchdog_s=1, abort_timeout_s=2)
    own.run(1)
    own.tell(is_ready=True, is_alive=True, extension_s=100.0)
    own.run(2.1)
    assert own.commands == [Command.SPAWN, Command.ABORT, Command.KILL]


def test_an_extension_moves_the_end_of_the_start_later_never_earlier() -> None:
    own = launched(type=Type.NOTIFY, start_timeout_s=10)
    own.tell(extension_s=1.0)
    assert own.unit.deadline == own.now + 10
    own.run(9)
    own.tell(extension_s=5.0)
    assert own.unit.deadline == own.now + 5


def test_an_extension_moves_the_end_of_a_stop_too() -> None:
    own = ready(stop_timeout_s=10)
    own.unit.stop(own.now)
    own.tell(extension_s=60.0)
    own.run(59)
    assert Command.KILL not in own.commands


def test_an_extension_does_not_touch_the_watchdog() -> None:
    own = ready(watchdog_s=10)
    own.tell(extension_s=100.0)
    assert own.unit.deadline == own.now + 10


def test_a_reload_lasts_until_ready_and_the_watchdog_stays_on() -> None:
    own = ready(watchdog_s=5)
    own.tell(is_reloading=True)
    assert (own.phase, own.unit.is_up) == ("reloading", True)
    own.tell(is_ready=True)
    assert own.phase == "active"
    own.tell(is_reloading=True)
    own.run(6)
    assert own.commands == [Command.SPAWN, Command.ABORT]


def test_a_reload_that_never_ends_is_over_after_the_start_time_out() -> None:
    own = ready(start_timeout_s=20)
    own.tell(is_reloading=True)
    own.run(21)
    assert own.phase == "active"
    assert own.commands == [Command.SPAWN]
