import signal

import pytest

from hems.supervision.phases import Command, Phase
from hems.supervision.spec import LimitAction, Restart, Type, UnitSpec
from hems.supervision.units import Unit
from tests.supervision.owner import Owner, launched, ready


def test_a_simple_unit_is_active_as_soon_as_it_runs() -> None:
    assert launched().phase == "active"


def test_a_notify_unit_is_active_when_it_says_so() -> None:
    own = launched(type=Type.NOTIFY)
    assert own.phase == "activating"
    own.tell(is_alive=True, status="loading")
    assert own.phase == "activating"
    own.tell(is_ready=True)
    assert own.phase == "active"
    assert own.unit.status == "loading"


def test_a_unit_that_is_not_started_by_itself_stays_inactive() -> None:
    own = launched(is_autostarted=False)
    own.run(100)
    assert own.phase == "inactive"
    own.unit.start()
    own.look()
    assert own.phase == "active"


def test_an_obstacle_is_waited_for_and_named() -> None:
    own = Owner(UnitSpec("x"), obstacle="after y")
    own.run(100)
    assert (own.phase, own.unit.reason, own.commands) == ("waiting", "after y", [])
    own.obstacle = ""
    own.look()
    assert own.phase == "active"


def test_a_oneshot_that_succeeds_is_up_and_not_started_again() -> None:
    own = launched(type=Type.ONESHOT)
    own.tell(is_ready=True)
    assert own.phase == "activating"
    own.exit(0)
    own.run(100)
    assert (own.phase, own.unit.is_up) == ("exited", True)
    assert own.commands == [Command.SPAWN]


def test_a_simple_unit_that_ended_well_is_not_up() -> None:
    own = launched()
    own.exit(0)
    assert (own.phase, own.unit.is_up) == ("exited", False)


def test_a_failure_is_followed_by_a_restart_after_the_delay() -> None:
    own = ready(restart_s=3)
    own.exit(1)
    assert (own.phase, own.unit.reason) == ("auto-restart", "exit status 1; restart in 3 s")
    own.run(2.99)
    assert len(own.starts()) == 1
    own.run(0.02)
    assert len(own.starts()) == 2
    assert (own.unit.restarts.count, own.unit.restarts.reason) == (1, "exit status 1")


def test_delays_grow_from_restart_to_restart() -> None:
    own = launched(restart_s=1, restart_steps=2, restart_max_delay_s=100, limit_burst=0)
    for _ in range(4):
        own.exit(1)
        own.run(100)
    starts = own.starts()
    gaps = [int(later - starts[0]) % 100 for later in starts[1:]]
    assert gaps == [1, 10, 0, 0]


def test_a_notify_unit_that_ends_well_before_it_is_ready_has_failed() -> None:
    own = launched(type=Type.NOTIFY)
    own.exit(0)
    assert (own.phase, own.unit.restarts.reason) == (
        "auto-restart",
        "exit status 0 before READY=1",
    )


def test_a_prevented_exit_code_is_final() -> None:
    own = launched(restart=Restart.ALWAYS, prevent_codes=frozenset({78}))
    own.exit(78)
    own.run(1000)
    assert (own.phase, own.unit.reason) == ("failed", "exit status 78")
    assert len(own.starts()) == 1


def test_a_process_that_cannot_be_made_is_tried_again() -> None:
    unit = Unit(UnitSpec("x", restart=Restart.ON_FAILURE))
    assert unit.due(0) is Command.SPAWN
    unit.spawn_failed("no such file", 0)
    assert unit.phase is Phase.AUTO_RESTART
    assert unit.due(0.1) is Command.SPAWN


def test_the_start_limit_ends_a_crash_loop() -> None:
    own = launched(limit_burst=3, limit_interval_s=10)
    for _ in range(3):
        own.exit(1)
        own.run(0.2)
    assert own.phase == "failed"
    assert own.unit.reason == (
        "start limit: 3 starts in 10 s; `supervisorctl reset-failed x` forgets them"
    )
    assert own.commands == [Command.SPAWN] * 3


def test_the_start_limit_can_end_the_whole_supervision() -> None:
    own = launched(limit_burst=1, limit_action=LimitAction.EXIT)
    own.exit(1)
    own.run(1)
    assert own.commands == [Command.SPAWN, Command.EXIT]


def test_starts_on_request_count_for_the_limit_until_it_is_reset() -> None:
    own = launched(limit_burst=2)
    for _ in range(2):
        own.exit(0)
        own.unit.start()
        own.look()
    assert own.phase == "failed"
    own.unit.reset_failed()
    assert own.phase == "inactive"
    own.unit.start()
    own.look()
    assert own.phase == "active"


@pytest.mark.parametrize("exit_", [{"code": 1}, {"signal": signal.SIGKILL}, {"code": 0}])
def test_there_is_no_restart_after_a_stop_on_request(exit_: dict[str, int]) -> None:
    own = ready(restart=Restart.ALWAYS)
    own.unit.stop(own.now)
    assert own.phase == "deactivating"
    own.exit(**exit_)
    own.run(1000)
    assert own.phase == "inactive"
    assert len(own.starts()) == 1


def test_a_stop_on_request_calls_off_a_restart() -> None:
    own = ready()
    own.exit(1)
    own.unit.stop(own.now)
    own.run(1000)
    assert own.phase == "inactive"


def test_a_unit_whose_requirement_is_stopped_stops_and_comes_back() -> None:
    own = ready()
    own.hold = "requires y, which was stopped"
    own.obstacle = "requires y, which is inactive"
    own.look()
    assert own.commands == [Command.SPAWN, Command.STOP]
    own.exit(signal=signal.SIGTERM)
    own.run(100)
    assert (own.phase, own.unit.reason) == ("waiting", own.obstacle)
    own.hold = own.obstacle = ""
    own.look()
    assert own.phase == "activating"


def test_a_new_process_begins_with_nothing_of_the_old_ones_words() -> None:
    own = ready(restart_s=0)
    own.tell(status="3 meters", state='{"meters":3}', is_alive=True)
    assert (own.unit.status, own.unit.figures) == ("3 meters", '{"meters":3}')
    own.exit(1)
    own.look()
    assert (own.unit.status, own.unit.figures, own.unit.pinged_at) == ("", "{}", None)


def test_a_unit_with_a_fault_fails_with_it_however_often_it_is_started() -> None:
    unit = Unit(UnitSpec("x"), fault="[program:x] UNIT: nonsense")
    for _ in range(2):
        assert (unit.phase, unit.reason) == (Phase.FAILED, "[program:x] UNIT: nonsense")
        assert unit.due(0) is None
        unit.start()


def test_a_process_that_says_it_stops_and_fails_is_restarted() -> None:
    own = ready()
    own.tell(is_stopping=True)
    own.exit(70)
    assert own.phase == "auto-restart"
