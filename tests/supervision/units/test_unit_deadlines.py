import math
import signal

import pytest

from hems.supervision.settings.unit_spec import TimeoutMode, UnitSpec, UnitType
from hems.supervision.units.restart_policy import RunResult
from hems.supervision.units.unit_deadlines import UnitDeadlines
from hems.supervision.units.unit_phase import UnitCommand, UnitPhase
from tests.supervision.units.owner import due, launched, ready


def test_a_stop_that_takes_too_long_ends_with_a_kill() -> None:
    owner = ready(stop_timeout_s=10)
    owner.stop()
    owner.run(9.9)
    assert UnitCommand.KILL not in owner.commands
    owner.run(0.2)
    assert owner.commands[-1] is UnitCommand.KILL


def test_a_process_that_says_it_stops_is_given_the_stop_time_out() -> None:
    owner = ready(stop_timeout_s=10, watchdog_s=1)
    owner.notify(is_stopping=True)
    owner.run(9.9)
    assert owner.commands == [UnitCommand.SPAWN]
    owner.run(0.2)
    assert owner.commands[-1] is UnitCommand.KILL


def test_a_start_that_takes_too_long_is_stopped_then_killed_then_restarted() -> None:
    owner = launched(type=UnitType.NOTIFY, start_timeout_s=20, stop_timeout_s=5)
    owner.run(20)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.STOP]
    owner.run(5)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.STOP, UnitCommand.KILL]
    owner.exit(signal=signal.SIGKILL)
    assert owner.unit.run.result is RunResult.TIMEOUT
    owner.run(1)
    assert owner.state == "activating"


ABORT = {"type": UnitType.NOTIFY, "start_failure_mode": TimeoutMode.ABORT}


def test_a_start_that_takes_too_long_may_be_aborted_for_a_traceback() -> None:
    owner = launched(**ABORT, start_timeout_s=20, abort_timeout_s=5)
    owner.run(19.9)
    assert owner.commands == [UnitCommand.SPAWN]
    owner.run(0.2)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.ABORT]
    owner.run(5)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.ABORT, UnitCommand.KILL]
    owner.exit(signal=signal.SIGKILL)
    assert owner.unit.starts.reason == (
        "not ready within 20 s (TimeoutStartSec): its process has not sent READY=1, "
        "killed by signal 9 (Killed)"
    )
    owner.run(1)
    assert owner.state == "activating"


def test_a_watchdog_without_a_ping_aborts() -> None:
    owner = ready(watchdog_s=30)
    owner.run(29.9)
    owner.notify(is_alive=True)
    owner.run(29.9)
    assert owner.commands == [UnitCommand.SPAWN]
    owner.run(0.2)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.ABORT]
    owner.exit(signal=signal.SIGABRT)
    assert owner.unit.starts.reason == "watchdog: no ping for 30 s, killed by signal 6 (Aborted)"


def test_the_watchdog_counts_from_the_end_of_the_start() -> None:
    owner = launched(type=UnitType.NOTIFY, watchdog_s=1)
    owner.run(50)
    assert owner.commands == [UnitCommand.SPAWN]
    assert launched(watchdog_s=1).unit.deadline == 1001.0  # simple: from the spawn


def test_repeating_ready_feeds_the_watchdog() -> None:
    owner = ready(watchdog_s=1)
    for _ in range(5):
        owner.run(0.9)
        owner.notify(is_ready=True)
    assert owner.commands == [UnitCommand.SPAWN]


def test_a_hung_process_that_exits_well_when_aborted_is_still_restarted() -> None:
    owner = ready(watchdog_s=1)
    owner.run(2)
    owner.exit(0)
    assert owner.state == "auto-restart"


@pytest.mark.parametrize("is_ready", [True, False])
def test_a_trigger_aborts_at_once(is_ready: bool) -> None:
    owner = launched(type=UnitType.NOTIFY)
    if is_ready:
        owner.notify(is_ready=True)
    owner.notify(is_trigger=True)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.ABORT]
    assert owner.unit.is_interrupted


def test_a_process_being_aborted_can_neither_revive_nor_extend_itself() -> None:
    owner = ready(watchdog_s=1, abort_timeout_s=2)
    owner.run(1)
    owner.notify(is_ready=True, is_alive=True, extension_s=100.0)
    owner.run(2.1)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.ABORT, UnitCommand.KILL]


def test_an_extension_moves_the_end_of_the_start_later_never_earlier() -> None:
    owner = launched(type=UnitType.NOTIFY, start_timeout_s=10)
    owner.notify(extension_s=1.0)
    assert owner.unit.deadline == owner.now + 10
    owner.run(9)
    owner.notify(extension_s=5.0)
    assert owner.unit.deadline == owner.now + 5


def test_an_extension_moves_the_end_of_a_stop_too() -> None:
    owner = ready(stop_timeout_s=10)
    owner.stop()
    owner.notify(extension_s=60.0)
    owner.run(59)
    assert UnitCommand.KILL not in owner.commands


def test_an_extension_does_not_touch_the_watchdog() -> None:
    owner = ready(watchdog_s=10)
    owner.notify(extension_s=100.0)
    assert owner.unit.deadline == owner.now + 10


def test_a_reload_lasts_until_ready_and_the_watchdog_stays_on() -> None:
    owner = ready(watchdog_s=5)
    owner.notify(is_reloading=True)
    assert (owner.state, owner.unit.is_up) == ("reloading", True)
    owner.notify(is_ready=True)
    assert owner.state == "active"
    owner.notify(is_reloading=True)
    owner.run(6)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.ABORT]


def test_a_reload_that_never_ends_is_over_after_the_start_time_out() -> None:
    owner = ready(start_timeout_s=20)
    owner.notify(is_reloading=True)
    owner.run(21)
    assert owner.state == "active"
    assert owner.commands == [UnitCommand.SPAWN]


def test_a_second_stop_does_not_restart_the_time_out_of_a_hanging_process() -> None:
    owner = ready(stop_timeout_s=10)
    owner.stop()
    for _ in range(2):
        owner.run(4)
        owner.stop()
    owner.run(1.9)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.STOP]
    owner.run(0.1)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.STOP, UnitCommand.KILL]


def test_a_stop_after_a_kill_kills_again() -> None:
    owner = ready(stop_timeout_s=10)
    owner.stop()
    owner.run(10)
    owner.run(1000)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.STOP, UnitCommand.KILL]
    owner.stop()
    assert owner.commands[2:] == [UnitCommand.KILL, UnitCommand.KILL]


@pytest.mark.parametrize(("stop_timeout_s", "left_s"), [(1, 1), (60, 3)])
def test_a_stop_of_an_aborted_process_waits_for_the_shorter_time_out(
    stop_timeout_s: float, left_s: float
) -> None:
    owner = ready(watchdog_s=1, abort_timeout_s=5, stop_timeout_s=stop_timeout_s)
    owner.run(3)  # the abort began 2 s ago
    owner.stop()
    assert owner.unit.deadline == owner.now + left_s


def test_a_ping_before_ready_does_not_arm_the_watchdog() -> None:
    owner = launched(type=UnitType.NOTIFY, watchdog_s=1, start_timeout_s=90, restart_s=0)
    for _ in range(2):
        owner.notify(is_alive=True)
        assert owner.unit.deadline == owner.now + 90
        owner.run(50)
        assert owner.commands[-1] is UnitCommand.SPAWN
        owner.notify(is_ready=True)
        assert owner.unit.deadline == owner.now + 1
        owner.exit(1)
        owner.step()


def test_a_ping_of_a_process_that_is_ending_does_not_arm_the_watchdog() -> None:
    owner = ready(watchdog_s=1, stop_timeout_s=10)
    owner.notify(is_stopping=True)
    owner.notify(is_alive=True)
    assert owner.unit.deadline == owner.now + 10


def test_ready_of_a_simple_unit_with_a_ping_feeds_the_watchdog() -> None:
    owner = launched(watchdog_s=1)
    for _ in range(5):
        owner.run(0.9)
        owner.notify(is_ready=True, is_alive=True)
    assert owner.commands == [UnitCommand.SPAWN]
    owner.notify(is_ready=True)  # a simple unit is ready from its start: no news
    owner.run(1)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.ABORT]


def test_deadlines_are_kept_to_the_moment() -> None:
    owner = launched(**ABORT, start_timeout_s=10, abort_timeout_s=5, restart_s=3)
    unit, begin = owner.unit, owner.now
    assert due(unit, begin + 9.999) is None
    assert due(unit, begin + 10) is UnitCommand.ABORT
    assert due(unit, begin + 14.999) is None
    assert due(unit, begin + 15) is UnitCommand.KILL
    owner.now = begin + 16
    owner.exit(signal=signal.SIGKILL)
    assert due(unit, begin + 18.999) is None
    assert due(unit, begin + 19) is UnitCommand.SPAWN


def test_the_watchdog_is_kept_to_the_moment() -> None:
    owner = ready(watchdog_s=30)
    assert due(owner.unit, owner.now + 29.999) is None
    assert due(owner.unit, owner.now + 30) is UnitCommand.ABORT


def test_the_watchdog_of_an_ended_process_does_not_fire() -> None:
    owner = ready(watchdog_s=1, restart_s=100, limit_burst=0)
    for spawns in (1, 2):
        owner.exit(1)
        assert owner.unit.deadline == owner.now + 100
        owner.run(99)
        assert owner.commands == [UnitCommand.SPAWN] * spawns
        owner.run(1)
        owner.notify(is_ready=True)


def test_a_pending_restart_has_no_deadline_left_once_it_waits() -> None:
    owner = ready(restart_s=3)
    for _ in range(2):
        owner.exit(1)
        owner.obstacle = "requires y, which is activating"
        owner.run(5)
        assert (owner.state, owner.unit.deadline) == ("waiting", math.inf)
        owner.obstacle = ""
        owner.step()
        owner.notify(is_ready=True)


@pytest.mark.parametrize("call", ["stop", "start"])
def test_a_request_resets_the_deadline_of_a_pending_restart(call: str) -> None:
    owner = ready(restart_s=3)
    owner.obstacle = "requires y, which is activating"
    owner.exit(1)
    owner.stop() if call == "stop" else owner.start()
    assert owner.unit.deadline == math.inf


def test_an_abort_is_not_extended_after_a_stop_of_an_earlier_process_was() -> None:
    owner = launched(**ABORT, start_timeout_s=10, abort_timeout_s=2, restart_s=0)
    for _ in range(2):
        owner.notify(extension_s=20.0)
        assert owner.unit.deadline == owner.now + 20
        owner.run(20)
        owner.notify(extension_s=100.0)
        assert owner.unit.deadline == owner.now + 2
        owner.exit(signal=signal.SIGABRT)
        owner.step()


def test_a_reload_during_a_reload_does_not_extend_it() -> None:
    owner = ready(start_timeout_s=20)
    for _ in range(2):
        owner.notify(is_reloading=True)
        begin = owner.now
        owner.run(15)
        owner.notify(is_reloading=True)
        assert owner.unit.deadline == begin + 20
        owner.run(5)
        assert owner.state == "active"


def test_reloading_before_ready_changes_nothing() -> None:
    owner = launched(type=UnitType.NOTIFY)
    owner.notify(is_reloading=True)
    assert owner.state == "activating"


def test_a_message_that_reports_both_stopping_and_ready_is_a_stop() -> None:
    owner = ready()
    owner.notify(is_stopping=True, is_ready=True)
    assert owner.state == "deactivating"


def test_a_simple_unit_ends_its_reload_with_ready() -> None:
    owner = launched(start_timeout_s=20)
    for _ in range(2):
        owner.notify(is_reloading=True)
        assert owner.state == "reloading"
        owner.notify(is_ready=True)
        assert (owner.state, owner.unit.deadline) == ("active", math.inf)


def test_a_status_without_a_ping_does_not_feed_the_watchdog() -> None:
    owner = ready(watchdog_s=1)
    for _ in range(2):
        owner.run(0.4)
        owner.notify(status="busy", extension_s=100.0)
    owner.run(0.2)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.ABORT]


def test_an_extension_does_not_move_the_end_of_a_reload() -> None:
    owner = ready(start_timeout_s=20)
    owner.notify(is_reloading=True)
    owner.notify(extension_s=100.0)
    assert owner.unit.deadline == owner.now + 20


def test_what_the_main_process_leaves_behind_has_the_time_of_a_stop() -> None:
    owner = ready(stop_timeout_s=20)
    owner.exit(1, others=2)
    assert (owner.state, owner.unit.deadline) == ("deactivating", owner.now + 20)
    assert owner.unit.reason == "exit status 1; 2 other processes are being ended"
    owner.run(20)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.STOP, UnitCommand.KILL]
    owner.unit.others_ended(owner.now)
    assert owner.state == "auto-restart"


def test_processes_left_behind_by_a_stop_have_what_is_left_of_its_time() -> None:
    owner = ready(stop_timeout_s=20)
    owner.stop()
    owner.run(15)
    owner.exit(0, others=1)
    assert owner.unit.deadline == owner.now + 5


@pytest.mark.parametrize("delay_s", [3.0, 20.0])
@pytest.mark.parametrize("since_ping_s", [0.0, 14.9])
def test_a_hold_up_with_lost_pings_aborts_no_healthy_unit(
    delay_s: float, since_ping_s: float
) -> None:
    owner = ready(watchdog_s=30)
    for _ in range(3):
        owner.notify(is_alive=True)
        owner.run(since_ping_s)
        owner.now += delay_s
        owner.unit.postpone(delay_s)
        owner.run(16)  # until the next ping, which is due after 15 s, and is late
    assert owner.commands == [UnitCommand.SPAWN]


def test_a_hang_is_found_after_a_hold_up_and_among_any_number_of_them() -> None:
    for step_s in (0.5, 3.0):
        owner = ready(watchdog_s=2)
        for _ in range(40):
            owner.unit.postpone(step_s)
            owner.run(step_s)
        assert UnitCommand.ABORT in owner.commands
    owner = ready(watchdog_s=2)
    owner.now += 3
    owner.unit.postpone(3)
    owner.run(2.5)
    assert UnitCommand.ABORT in owner.commands


def test_a_hold_up_postpones_the_ends_of_a_start_and_of_a_stop_but_no_restart() -> None:
    owner = launched(type=UnitType.NOTIFY, start_timeout_s=20, stop_timeout_s=5)
    owner.unit.postpone(10)
    owner.run(29)
    assert owner.commands == [UnitCommand.SPAWN]
    owner.run(1)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.STOP]
    owner.unit.postpone(10)
    owner.run(14)
    assert len(owner.commands) == 2
    owner.run(1)
    assert owner.commands[2:] == [UnitCommand.KILL]
    owner.exit(signal=signal.SIGKILL)
    due_at = owner.unit.deadline
    owner.unit.postpone(10)
    assert owner.unit.deadline == due_at


def test_a_unit_that_has_been_up_for_too_long_is_stopped_and_restarted() -> None:
    owner = ready(runtime_max_s=60, stop_timeout_s=5, restart_s=1)
    for _ in range(2):
        owner.run(59.9)
        assert owner.state == "active"
        owner.run(0.1)
        assert (owner.state, owner.unit.run.result) == ("deactivating", RunResult.TIMEOUT)
        owner.exit(signal=signal.SIGTERM)
        assert owner.unit.reason.startswith("RuntimeMaxSec: it has run for 60 s, killed by")
        owner.run(1)
        owner.notify(is_ready=True)


def test_the_longest_run_has_a_random_part() -> None:
    spec = UnitSpec("x", runtime_max_s=60, runtime_extra_s=10)
    deadlines = UnitDeadlines(spec, chance=lambda: 0.5)
    deadlines.enter(UnitPhase.RUNNING, 100.0)
    assert deadlines.next == 165.0
    deadlines.enter(UnitPhase.RELOAD, 110.0)
    deadlines.enter(UnitPhase.RUNNING, 120.0)
    assert deadlines.next == 165.0


def test_an_extension_moves_the_end_of_a_long_run() -> None:
    owner = ready(runtime_max_s=60)
    owner.notify(extension_s=100.0)
    assert owner.unit.deadline == owner.now + 100
