import signal

import pytest

from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec, UnitType
from hems.supervision.units.restart_policy import ProcessExit
from hems.supervision.units.unit_phase import UnitCommand, UnitPhase
from hems.supervision.units.unit_state_machine import Unit
from tests.supervision.units.owner import Owner, due, launched, ready


def test_a_simple_unit_is_active_as_soon_as_it_runs() -> None:
    assert launched().state == "active"


def test_a_notify_unit_is_active_when_it_says_so() -> None:
    owner = launched(type=UnitType.NOTIFY)
    assert owner.state == "activating"
    owner.notify(is_alive=True, status="loading")
    assert owner.state == "activating"
    owner.notify(is_ready=True)
    assert owner.state == "active"
    assert owner.unit.status == "loading"


def test_a_unit_that_is_not_started_by_itself_stays_inactive() -> None:
    owner = launched(is_autostarted=False)
    owner.run(100)
    assert (owner.state, owner.unit.reason) == ("inactive", "")
    owner.start()
    owner.step()
    assert owner.state == "active"


def test_an_obstacle_is_waited_for_and_named() -> None:
    owner = Owner(UnitSpec("x"), obstacle="after y")
    owner.run(100)
    assert (owner.state, owner.unit.reason, owner.commands) == ("waiting", "after y", [])
    owner.obstacle = ""
    owner.step()
    assert owner.state == "active"


def test_a_oneshot_that_succeeds_is_up_and_not_started_again() -> None:
    owner = launched(type=UnitType.ONESHOT)
    owner.notify(is_ready=True)
    assert owner.state == "activating"
    owner.exit(0)
    owner.run(100)
    assert (owner.state, owner.unit.is_up) == ("exited", True)
    assert owner.commands == [UnitCommand.SPAWN]


def test_a_simple_unit_that_ended_well_is_not_up() -> None:
    owner = launched()
    owner.exit(0)
    assert (owner.state, owner.unit.is_up) == ("exited", False)


def test_a_failure_is_followed_by_a_restart_after_the_delay() -> None:
    owner = ready(restart_s=3)
    owner.exit(1)
    assert (owner.state, owner.unit.reason) == ("auto-restart", "exit status 1; restart in 3 s")
    owner.run(2.99)
    assert len(owner.starts()) == 1
    owner.run(0.02)
    assert len(owner.starts()) == 2
    assert (owner.unit.starts.restarts, owner.unit.starts.reason) == (1, "exit status 1")


def test_delays_grow_from_restart_to_restart() -> None:
    owner = launched(restart_s=1, restart_steps=2, restart_max_delay_s=100, limit_burst=0)
    for _ in range(4):
        owner.exit(1)
        owner.run(100)
    starts = owner.starts()
    gaps = [int(later - starts[0]) % 100 for later in starts[1:]]
    assert gaps == [1, 10, 0, 0]


def test_a_notify_unit_that_ends_well_before_it_is_ready_has_failed() -> None:
    owner = launched(type=UnitType.NOTIFY)
    owner.exit(0)
    assert (owner.state, owner.unit.starts.reason) == (
        "auto-restart",
        "exit status 0 before READY=1",
    )


def test_a_notify_unit_that_ends_well_after_it_was_ready_has_exited() -> None:
    owner = ready()
    owner.exit(0)
    assert (owner.state, owner.unit.reason) == ("exited", "exit status 0")


def test_a_prevented_exit_code_is_final() -> None:
    owner = launched(restart=RestartCondition.ALWAYS, prevent_codes=frozenset({78}))
    owner.exit(78)
    owner.run(1000)
    assert (owner.state, owner.unit.reason) == ("failed", "exit status 78")
    assert len(owner.starts()) == 1


def test_a_process_that_cannot_be_made_is_tried_again() -> None:
    unit = Unit(UnitSpec("x", restart=RestartCondition.ON_FAILURE))
    assert due(unit, 0) is UnitCommand.SPAWN
    unit.spawn_failed("no such file", 0)
    assert unit.phase is UnitPhase.AUTO_RESTART
    assert due(unit, 0.1) is UnitCommand.SPAWN


def test_the_start_limit_ends_a_crash_loop() -> None:
    owner = launched(limit_burst=3, limit_interval_s=10)
    for _ in range(3):
        owner.exit(1)
        owner.run(0.2)
    assert owner.state == "failed"
    reason = (
        "start limit: 3 starts in 10 s, the last ended with exit status 1; "
        "correct the cause (its log may say more), then reset-failed and start"
    )
    assert owner.unit.reason == reason
    assert owner.commands == [UnitCommand.SPAWN] * 3
    owner.start()
    assert owner.unit.reason == reason


def test_starts_on_request_count_for_the_limit_until_it_is_reset() -> None:
    owner = launched(limit_burst=2)
    for _ in range(2):
        owner.exit(0)
        owner.start()
        owner.step()
    assert owner.state == "failed"
    owner.unit.reset_failed()
    assert owner.state == "inactive"
    owner.start()
    owner.step()
    assert owner.state == "active"


@pytest.mark.parametrize("exit_", [{"code": 1}, {"signal": signal.SIGKILL}, {"code": 0}])
def test_there_is_no_restart_after_a_stop_on_request(exit_: dict[str, int]) -> None:
    owner = ready(restart=RestartCondition.ALWAYS)
    owner.stop()
    assert owner.state == "deactivating"
    owner.exit(**exit_)
    owner.run(1000)
    assert owner.state == "inactive"
    assert len(owner.starts()) == 1


def test_a_stop_on_request_calls_off_a_restart() -> None:
    owner = ready()
    owner.exit(1)
    owner.stop()
    owner.run(1000)
    assert owner.state == "inactive"


def test_a_unit_whose_requirement_is_stopped_stops_and_comes_back() -> None:
    owner = ready()
    owner.hold = "requires y, which was stopped"
    owner.obstacle = "requires y, which is inactive"
    owner.step()
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.STOP]
    owner.exit(signal=signal.SIGTERM)
    owner.run(100)
    assert (owner.state, owner.unit.reason) == ("waiting", owner.obstacle)
    owner.hold = owner.obstacle = ""
    owner.step()
    assert owner.state == "activating"


def test_a_new_process_begins_with_nothing_of_the_old_ones_words() -> None:
    owner = ready(restart_s=0)
    owner.notify(status="3 meters", metrics='{"meters":3}', is_alive=True)
    assert (owner.unit.status, owner.unit.metrics) == ("3 meters", '{"meters":3}')
    owner.exit(1)
    owner.step()
    assert (owner.unit.status, owner.unit.metrics, owner.unit.pinged_at) == ("", "{}", None)


def test_a_unit_with_a_fault_fails_with_it_however_often_it_is_started() -> None:
    unit = Unit(UnitSpec("x"), fault="[program:x] UNIT: nonsense")
    for _ in range(2):
        assert (unit.phase, unit.reason) == (UnitPhase.FAILED, "[program:x] UNIT: nonsense")
        assert due(unit, 0) is None
        unit.start(0)


def test_a_process_that_says_it_stops_and_fails_is_restarted() -> None:
    owner = ready()
    owner.notify(is_stopping=True)
    owner.exit(70)
    assert owner.state == "auto-restart"


def test_every_process_has_to_become_ready_itself() -> None:
    owner = launched(type=UnitType.NOTIFY, restart_s=0, limit_burst=0)
    for _ in range(2):
        owner.notify(is_ready=True)
        owner.exit(1)
        owner.step()
        owner.exit(0)  # with success, but before READY=1
        assert owner.unit.starts.reason == "exit status 0 before READY=1"
        owner.step()


def test_every_abort_is_forgotten_by_the_next_process() -> None:
    owner = launched(type=UnitType.NOTIFY, restart_s=0, limit_burst=0)
    for _ in range(2):
        owner.notify(is_trigger=True)
        assert owner.unit.is_interrupted
        owner.exit(signal=signal.SIGABRT)
        assert not owner.unit.is_interrupted
        assert owner.unit.starts.reason.startswith("the process sent WATCHDOG=trigger, killed by")
        owner.step()
        owner.exit(1)
        assert owner.unit.starts.reason == "exit status 1"
        owner.step()
        owner.notify(is_stopping=True)
        assert not owner.unit.is_interrupted
        owner.exit(1)
        owner.step()


def test_every_hold_is_forgotten_by_the_next_process() -> None:
    owner = ready(restart_s=0, limit_burst=0)
    for _ in range(2):
        owner.hold = owner.obstacle = "requires y, which was stopped"
        owner.step()
        owner.exit(0)
        assert owner.state == "waiting"
        owner.hold = owner.obstacle = ""
        owner.step()
        owner.exit(1)
        assert owner.state == "auto-restart"
        owner.step()
        owner.notify(is_ready=True)


def test_a_held_unit_is_stopped_once() -> None:
    owner = ready()
    owner.hold = owner.obstacle = "requires y, which was stopped"
    owner.run(5)
    assert owner.commands == [UnitCommand.SPAWN, UnitCommand.STOP]
    assert owner.unit.reason == "requires y, which was stopped"


@pytest.mark.parametrize(("code", "phase"), [(0, "exited"), (1, "auto-restart")])
def test_a_hold_stops_no_unit_without_a_process(code: int, phase: str) -> None:
    owner = ready(restart_s=100)
    owner.exit(code)
    owner.hold = owner.obstacle = "requires y, which was stopped"
    owner.step()
    assert (owner.state, owner.commands) == (phase, [UnitCommand.SPAWN])


def test_a_stop_on_request_of_a_held_unit_is_final() -> None:
    owner = ready()
    owner.hold = owner.obstacle = "requires y, which was stopped"
    owner.step()
    owner.stop()
    owner.exit(0)
    owner.hold = owner.obstacle = ""
    owner.run(100)
    assert owner.state == "inactive"


def test_every_start_on_request_makes_restarts_possible_again() -> None:
    owner = ready(restart_s=0, limit_burst=0)
    for _ in range(2):
        owner.stop()
        owner.exit(0)
        assert (owner.state, owner.unit.is_stopped) == ("inactive", True)
        owner.start()
        assert not owner.unit.is_stopped
        owner.step()
        owner.exit(1)
        assert owner.state == "auto-restart"
        owner.step()


@pytest.mark.parametrize("reset", ["start", "hold"])
def test_the_delay_is_the_first_again_after_every_start_that_is_no_restart(reset: str) -> None:
    owner = launched(restart_s=1, restart_steps=2, restart_max_delay_s=100, limit_burst=0)
    for _ in range(2):
        for delay_s in (1, 10):
            owner.exit(1)
            assert owner.unit.deadline == pytest.approx(owner.now + delay_s)
            owner.run(delay_s + 0.1)
        if reset == "start":
            owner.stop()
            owner.exit(0)
            owner.start()
        else:
            owner.hold = owner.obstacle = "requires y, which was stopped"
            owner.step()
            owner.exit(0)
            owner.hold = owner.obstacle = ""
        owner.step()


def test_the_delay_is_the_first_again_after_every_long_run() -> None:
    owner = launched(restart_s=1, restart_steps=2, restart_max_delay_s=100, limit_interval_s=0)
    for _ in range(2):
        for run_s, delay_s in ((100.5, 1), (0, 10), (99, 100)):
            owner.run(run_s)
            owner.exit(1)
            assert owner.unit.deadline == pytest.approx(owner.now + delay_s)
            owner.run(owner.unit.deadline - owner.now)


def test_a_process_that_cannot_be_made_has_run_for_no_time() -> None:
    unit = Unit(UnitSpec("x", restart=RestartCondition.ALWAYS, restart_s=1, limit_burst=0))
    now = 1e6  # seconds since boot, more than any interval
    for restarts in (0, 1, 2):
        assert due(unit, now) is UnitCommand.SPAWN
        assert unit.starts.restarts == restarts
        unit.spawn_failed("no such file", now)
        assert unit.deadline == now + 1
        now += 1


def test_resetting_a_unit_that_has_not_failed_leaves_it_in_its_phase() -> None:
    owner = ready()
    owner.unit.reset_failed()
    assert owner.state == "active"


def test_resetting_a_failed_unit_makes_every_later_limit_count_from_zero() -> None:
    owner = launched(limit_burst=2, limit_interval_s=1000, restart_s=1)
    for _ in range(2):
        for _ in range(2):
            owner.exit(1)
            owner.run(1)
        assert owner.state == "failed"
        owner.unit.reset_failed()
        owner.start()
        owner.step()
        assert owner.state == "active"


def test_times_are_of_the_process_that_runs() -> None:
    owner = ready(restart_s=5, limit_burst=0)
    for _ in range(2):
        owner.notify(is_alive=True)
        begin = owner.now
        assert (owner.unit.started_at, owner.unit.pinged_at) == (begin, begin)
        owner.run(2)
        assert owner.unit.started_at == begin
        owner.exit(1)
        assert owner.unit.started_at is None
        owner.run(5)
        assert (owner.unit.started_at, owner.unit.pinged_at) == (owner.now, None)
        owner.notify(is_ready=True)


def test_a_unit_has_settled_when_its_first_start_has_ended() -> None:
    owner = Owner(UnitSpec("x", type=UnitType.NOTIFY), obstacle="after y")
    owner.step()
    assert not owner.unit.has_settled
    owner.obstacle = ""
    owner.step()
    assert (owner.state, owner.unit.has_settled) == ("activating", False)
    owner.notify(is_ready=True)
    assert owner.unit.has_settled


def test_the_reason_of_a_phase_ends_with_the_phase() -> None:
    owner = ready(restart_s=1, limit_burst=0)
    for _ in range(2):
        owner.exit(1)
        assert owner.unit.reason == "exit status 1; restart in 1 s"
        owner.run(1)
        owner.notify(is_ready=True)
        assert owner.unit.reason == ""


def test_a_notification_after_the_end_changes_no_phase() -> None:
    owner = ready()
    owner.exit(1)
    owner.notify(is_ready=True, is_stopping=True, is_trigger=True, extension_s=1000.0)
    assert owner.state == "auto-restart"
    assert owner.unit.deadline < owner.now + 1


def test_a_mistake_of_supervision_fails_the_unit_until_it_is_started_again() -> None:
    owner = ready(on_failure=("alarm",), restart=RestartCondition.ALWAYS)
    owner.unit.break_down("a mistake", owner.now)
    owner.step()
    assert (owner.state, owner.unit.reason, owner.triggers) == ("failed", "a mistake", 1)
    assert owner.unit.run.result.value == "supervision"
    owner.exit(signal=9)  # its owner has killed it
    owner.unit.others_ended(owner.now)
    owner.unit.control_ended(ProcessExit(), owner.now)
    owner.run(100)
    assert (owner.state, owner.unit.reason, owner.triggers) == ("failed", "a mistake", 1)
    owner.start()
    owner.notify(is_ready=True)
    assert (owner.state, owner.unit.run.result.value) == ("active", "success")
