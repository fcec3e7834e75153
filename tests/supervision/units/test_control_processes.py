import signal
from typing import Any

import pytest

from hems.supervision.settings.exec_command import ExecSettings, exec_command
from hems.supervision.settings.unit_spec import RestartCondition, TimeoutMode, UnitType
from hems.supervision.units.restart_policy import RunResult
from hems.supervision.units.unit_phase import UnitCommand, UnitPhase
from tests.supervision.units.owner import Owner, launched

NO = RestartCondition.NO
ALL = {
    "condition": "check",
    "start_pre": "prepare",
    "start_post": "announce",
    "stop": "say-goodbye",
    "stop_post": "clean",
}


def unit(commands: dict[str, str], **spec: Any) -> Owner:
    """Return a unit with these commands, one for each word."""
    settings = {name: tuple(map(exec_command, text.split())) for name, text in commands.items()}
    return launched(exec=ExecSettings(**settings), **{"restart": NO, **spec})


def running(owner: Owner) -> str:
    """Return the control process that runs, and the phase."""
    return f"{owner.unit.phase.value} {owner.control or '-'}"


def test_every_command_has_its_phase() -> None:
    owner = unit(ALL, type=UnitType.NOTIFY)
    assert running(owner) == "condition check"
    owner.control_exit()
    assert running(owner) == "start-pre prepare"
    owner.control_exit()
    assert running(owner) == "start -"
    owner.notify(is_ready=True)
    assert (running(owner), owner.unit.is_up) == ("start-post announce", False)
    owner.control_exit()
    assert (running(owner), owner.unit.is_up) == ("running -", True)
    owner.stop()
    assert running(owner) == "stop say-goodbye"
    assert owner.commands[-1] is UnitCommand.RUN  # no signal yet
    owner.control_exit()
    assert (running(owner), owner.commands[-1]) == ("stop-sigterm -", UnitCommand.STOP)
    owner.exit(signal=signal.SIGTERM)
    owner.step()
    assert running(owner) == "stop-post clean"
    owner.control_exit()
    assert running(owner) == "dead -"


def test_the_commands_of_a_phase_run_one_after_the_other() -> None:
    owner = unit({"start_pre": "one two"})
    assert running(owner) == "start-pre one"
    owner.control_exit()
    assert running(owner) == "start-pre two"
    owner.control_exit()
    assert owner.unit.phase is UnitPhase.RUNNING


@pytest.mark.parametrize(
    ("code", "state", "result"),
    [
        (0, "active", RunResult.SUCCESS),
        (1, "exited", RunResult.EXEC_CONDITION),
        (254, "exited", RunResult.EXEC_CONDITION),
        (255, "failed", RunResult.EXIT_CODE),
    ],
)
def test_a_condition_decides_whether_the_unit_runs(
    code: int, state: str, result: RunResult
) -> None:
    owner = unit({"condition": "check"})
    owner.control_exit(code)
    assert (owner.state, owner.unit.run.result) == (state, result)


def test_a_skipped_unit_does_not_restart() -> None:
    owner = unit({"condition": "check"}, restart=RestartCondition.ALWAYS)
    owner.control_exit(1)
    owner.run(100)
    assert owner.state == "exited"
    assert owner.commands == [UnitCommand.RUN]


def test_a_command_that_fails_before_the_start_fails_the_unit() -> None:
    owner = unit({"start_pre": "prepare never", "stop_post": "clean"})
    owner.control_exit(3)
    assert running(owner) == "stop-post clean"
    owner.control_exit()
    assert (owner.state, owner.unit.reason) == ("failed", "start-pre prepare: exit status 3")
    assert UnitCommand.SPAWN not in owner.commands


def test_a_failure_with_a_dash_does_not_count() -> None:
    owner = unit({"start_pre": "-prepare next"})
    owner.control_exit(3)
    assert running(owner) == "start-pre next"


def test_a_failure_after_the_start_ends_the_main_process() -> None:
    owner = unit({"start_post": "announce"})
    owner.control_exit(1)
    assert owner.commands[-1] is UnitCommand.STOP
    owner.exit(signal=signal.SIGTERM)
    assert (owner.state, owner.unit.run.result) == ("failed", RunResult.EXIT_CODE)


@pytest.mark.parametrize(("code", "state"), [(0, "exited"), (1, "failed")])
def test_the_end_of_the_main_process_counts_after_the_commands_that_follow_its_start(
    code: int, state: str
) -> None:
    owner = unit({"start_post": "announce again"})
    owner.exit(code)
    owner.step()
    assert running(owner) == "start-post announce"
    owner.control_exit()
    assert running(owner) == "start-post again"
    owner.control_exit()
    assert (owner.state, owner.unit.reason) == (state, f"exit status {code}")
    assert UnitCommand.STOP not in owner.commands


def test_a_oneshot_comes_up_after_its_last_command() -> None:
    owner = unit({"start_post": "announce"}, type=UnitType.ONESHOT)
    owner.exit(0)
    owner.step()
    assert (running(owner), owner.unit.is_up) == ("start-post announce", False)
    owner.control_exit()
    assert (owner.state, owner.unit.is_up) == ("exited", True)


def test_a_crash_runs_the_last_commands_only() -> None:
    owner = unit({"stop": "say-goodbye", "stop_post": "clean"}, restart=RestartCondition.ALWAYS)
    owner.exit(1)
    owner.step()
    assert running(owner) == "stop-post clean"
    owner.control_exit(9)
    assert owner.state == "auto-restart"
    assert owner.unit.run.cause == "exit status 1"


def test_a_failure_of_the_last_commands_is_the_units_after_a_success() -> None:
    owner = unit({"stop_post": "clean"})
    owner.exit(0)
    owner.step()
    owner.control_exit(9)
    assert (owner.state, owner.unit.reason) == (
        "failed",
        "stop-post clean: exit status 9",
    )


@pytest.mark.parametrize(
    ("mode", "command"),
    [
        (TimeoutMode.TERMINATE, UnitCommand.STOP),
        (TimeoutMode.ABORT, UnitCommand.ABORT),
        (TimeoutMode.KILL, UnitCommand.KILL),
    ],
)
def test_a_command_that_takes_too_long_is_ended_as_a_start(
    mode: TimeoutMode, command: UnitCommand
) -> None:
    owner = unit({"start_pre": "sleep"}, start_timeout_s=20, start_failure_mode=mode)
    owner.run(20)
    assert owner.commands == [UnitCommand.RUN, command]
    owner.control_exit(signal=signal.SIGTERM)
    assert (owner.state, owner.unit.run.result) == ("failed", RunResult.TIMEOUT)


def test_the_last_command_that_hangs_is_ended_and_killed() -> None:
    owner = unit({"stop_post": "sleep"}, stop_timeout_s=5)
    owner.exit(0)
    owner.run(5)
    assert (owner.unit.phase, owner.commands[-1]) == (UnitPhase.FINAL_SIGTERM, UnitCommand.STOP)
    owner.run(5)
    assert (owner.unit.phase, owner.commands[-1]) == (UnitPhase.FINAL_SIGKILL, UnitCommand.KILL)
    owner.control_exit(signal=signal.SIGKILL)
    assert (owner.state, owner.unit.run.result) == ("failed", RunResult.TIMEOUT)


def test_a_stop_on_request_ends_a_command_of_the_start() -> None:
    owner = unit({"start_pre": "sleep"})
    owner.stop()
    assert owner.commands[-1] is UnitCommand.STOP
    owner.control_exit(signal=signal.SIGTERM)
    assert owner.state == "inactive"


def test_a_stop_command_that_hangs_is_followed_by_the_stop_signal() -> None:
    owner = unit({"stop": "sleep"}, stop_timeout_s=5)
    owner.stop()
    owner.run(5)
    assert owner.commands[-1] is UnitCommand.STOP
    owner.exit(signal=signal.SIGTERM)
    owner.step()
    assert owner.unit.phase is UnitPhase.STOP_SIGTERM  # the command has not ended
    owner.control_exit(signal=signal.SIGTERM)
    assert owner.state == "inactive"


def test_a_command_that_cannot_be_started_is_a_failure() -> None:
    owner = unit({"start_pre": "nothing"})
    owner.control = None
    owner.unit.control_failed("no such file", owner.now)
    assert (owner.state, owner.unit.run.result) == ("failed", RunResult.RESOURCES)
    assert owner.unit.reason == "start-pre nothing: no such file"


def test_remain_after_exit_keeps_the_unit_up_until_it_is_stopped() -> None:
    owner = unit({"stop": "undo"}, type=UnitType.ONESHOT, remains_after_exit=True)
    owner.exit(0)
    assert (owner.unit.phase, owner.state, owner.unit.is_up) == (UnitPhase.EXITED, "exited", True)
    owner.start()
    assert owner.commands == [UnitCommand.SPAWN]
    owner.stop()
    assert running(owner) == "stop undo"
    owner.control_exit()
    assert (owner.state, owner.unit.is_up) == ("inactive", False)


def test_a_stop_that_times_out_after_stopping_has_the_result_timeout() -> None:
    owner = unit({}, type=UnitType.NOTIFY, stop_timeout_s=5)
    owner.notify(is_ready=True)
    owner.notify(is_stopping=True)
    owner.run(5)
    owner.exit(signal=signal.SIGKILL)
    assert (owner.state, owner.unit.run.result) == ("failed", RunResult.TIMEOUT)


def test_the_environment_of_a_command_says_how_the_main_process_ended() -> None:
    owner = unit({"stop_post": "clean"})
    owner.exit(3)
    assert owner.unit.run.environment(0) == {
        "SERVICE_RESULT": "exit-code",
        "EXIT_CODE": "exited",
        "EXIT_STATUS": "3",
    }
    owner = unit({"stop": "bye", "stop_post": "clean"})
    owner.stop()
    assert owner.unit.run.environment(12) == {"SERVICE_RESULT": "success", "MAINPID": "12"}
    owner.control_exit()
    owner.exit(signal=signal.SIGKILL)
    assert owner.unit.run.environment(0) == {
        "SERVICE_RESULT": "signal",
        "EXIT_CODE": "killed",
        "EXIT_STATUS": "KILL",
    }


def test_a_reload_that_takes_too_long_ends_and_the_unit_stays_up() -> None:
    owner = unit({"reload": "read again"}, start_timeout_s=20)
    assert owner.unit.reload(owner.now) == ""
    owner.step()
    assert (running(owner), owner.unit.is_up) == ("reload read", True)
    owner.run(20)
    assert owner.commands[-1] is UnitCommand.KILL_CONTROL
    owner.control_exit(signal=signal.SIGKILL)
    assert running(owner) == "running -"


def test_a_stop_during_a_reload_ends_both_processes() -> None:
    owner = unit({"reload": "read", "stop": "bye"})
    owner.unit.reload(owner.now)
    owner.step()
    owner.stop()
    assert (running(owner), owner.commands[-1]) == ("stop-sigterm read", UnitCommand.STOP)
    owner.control_exit(signal=signal.SIGTERM)
    assert owner.unit.phase is UnitPhase.STOP_SIGTERM
    owner.exit(signal=signal.SIGTERM)
    assert owner.state == "inactive"


@pytest.mark.parametrize(("code", "state"), [(0, "exited"), (1, "failed")])
def test_the_end_of_the_main_process_counts_after_its_reload(code: int, state: str) -> None:
    owner = unit({"reload": "read"})
    owner.unit.reload(owner.now)
    owner.step()
    owner.exit(code)
    owner.step()
    assert running(owner) == "reload read"
    owner.control_exit()
    assert owner.state == state


def test_a_second_stop_of_a_last_command_that_is_killed_kills_again() -> None:
    owner = unit({"stop_post": "sleep"}, stop_timeout_s=5, stop_failure_mode=TimeoutMode.KILL)
    owner.exit(0)
    owner.run(5)
    assert (owner.unit.phase, owner.commands[-1]) == (UnitPhase.FINAL_SIGKILL, UnitCommand.KILL)
    owner.stop()
    owner.run(100)
    assert owner.commands[-2:] == [UnitCommand.KILL] * 2


@pytest.mark.parametrize(("code", "end"), [(0, "exited"), (1, "failed")])
def test_a_unit_that_remains_is_up_once_the_children_that_it_left_have_ended(
    code: int, end: str
) -> None:
    owner = unit({}, remains_after_exit=True)
    owner.exit(code, others=1)
    assert running(owner) == "stop-sigterm -"
    owner.unit.others_ended(owner.now)
    assert running(owner) == f"{end} -"


def test_a_unit_that_remains_is_stopped_while_its_children_end() -> None:
    owner = unit({}, remains_after_exit=True)
    owner.exit(0, others=1)
    owner.stop()
    owner.unit.others_ended(owner.now)
    assert running(owner) == "dead -"


def test_commands_run_before_the_children_of_a_main_process_that_has_ended_are_ended() -> None:
    owner = unit({"start_post": "announce", "stop": "say-goodbye"}, type=UnitType.ONESHOT)
    owner.exit(0, others=1)
    owner.step()
    assert running(owner) == "start-post announce"
    owner.control_exit()
    owner.step()
    assert running(owner) == "stop say-goodbye"
    assert UnitCommand.STOP not in owner.commands
    owner.control_exit()
    owner.step()
    assert (running(owner), owner.commands[-1]) == ("stop-sigterm -", UnitCommand.STOP)
    owner.unit.others_ended(owner.now)
    assert running(owner) == "dead -"


def test_children_that_outlive_a_main_process_with_a_watchdog_get_the_stop_signal() -> None:
    owner = unit({}, type=UnitType.NOTIFY, watchdog_s=5)
    owner.notify(is_ready=True)
    owner.run(5)
    assert running(owner) == "stop-watchdog -"
    owner.exit(signal=signal.SIGABRT, others=1)
    owner.carry_out()
    assert owner.commands[-1] is UnitCommand.STOP
    owner.unit.others_ended(owner.now)
    assert running(owner) == "failed -"


def test_each_command_of_a_phase_has_the_whole_time_out() -> None:
    owner = unit({"start_pre": "one two"}, start_timeout_s=10)
    owner.run(9)
    owner.control_exit()
    owner.run(9)
    assert running(owner) == "start-pre two"
    owner.run(1)
    assert owner.unit.reason == "start-pre has not ended within 10 s (TimeoutStartSec)"
