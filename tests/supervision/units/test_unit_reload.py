"""A reload on request, a watchdog that the process chooses, and the report of an execve."""

import math

import pytest

from hems.supervision.settings.unit_spec import UnitType
from hems.supervision.units.unit_phase import UnitCommand, UnitPhase
from tests.supervision.units.owner import Owner, launched

RELOAD = UnitType.NOTIFY_RELOAD
P = UnitPhase


def reloading() -> Owner:
    owner = launched(type=RELOAD, start_timeout_s=5.0, watchdog_s=30.0)
    owner.notify(is_ready=True)
    assert owner.unit.reload(owner.now) == ""
    owner.step()
    return owner


def test_a_reload_sends_its_signal_and_ends_with_ready() -> None:
    for _ in range(2):
        owner = reloading()
        assert owner.commands == [UnitCommand.SPAWN, UnitCommand.RELOAD]
        phases = [owner.unit.phase]
        owner.notify(is_reloading=True, monotonic_s=owner.now)
        phases.append(owner.unit.phase)
        owner.notify(is_ready=True)
        phases.append(owner.unit.phase)
        assert phases == [P.RELOAD_SIGNAL, P.RELOAD_NOTIFY, P.RUNNING]


@pytest.mark.parametrize(
    ("fields", "phase"),
    [
        ({"is_reloading": True, "monotonic_s": 999.0}, "reload-signal"),
        ({"is_reloading": True}, "reload-notify"),
        ({"is_ready": True}, "reload-signal"),
    ],
)
def test_only_a_fresh_answer_counts(fields: dict[str, object], phase: str) -> None:
    owner = reloading()
    owner.notify(**fields)
    assert owner.unit.phase.value == phase


def test_a_reload_that_takes_too_long_is_over_and_the_unit_goes_on() -> None:
    owner = reloading()
    owner.run(5)
    assert owner.unit.phase.value == "running"
    assert owner.unit.reason == "reload-signal has not ended in time"


def test_the_watchdog_goes_on_during_a_reload() -> None:
    owner = launched(type=RELOAD, start_timeout_s=math.inf, watchdog_s=30.0)
    owner.notify(is_ready=True)
    owner.unit.reload(owner.now)
    owner.run(30)
    assert UnitCommand.ABORT in owner.commands


def test_a_unit_that_does_not_run_or_cannot_reload_says_so() -> None:
    owner = launched(type=UnitType.NOTIFY)
    assert owner.unit.reload(owner.now) == "it is activating, expected active"
    owner.notify(is_ready=True)
    assert owner.unit.reload(owner.now).startswith("it cannot reload: it has neither")


def test_the_process_changes_its_watchdog_until_the_next_start() -> None:
    owner = launched(type=UnitType.NOTIFY, watchdog_s=30.0)
    owner.notify(is_ready=True)
    owner.notify(watchdog_s=2.0)
    owner.run(2)
    assert owner.unit.reason == "watchdog: no ping for 2 s"
    owner.exit(signal=6)
    owner.run(1)
    owner.notify(is_ready=True)
    owner.run(29)
    assert owner.unit.phase.value == "running"
    owner.notify(watchdog_s=0.0)
    owner.run(1000)
    assert owner.unit.phase.value == "running"


def test_a_failure_names_the_errno_of_its_own_run_only() -> None:
    owner = launched(type=UnitType.NOTIFY)
    owner.notify(is_ready=True, errno=13)
    owner.exit(1)
    assert "exit status 1, ERRNO=13 (Permission denied); restart" in owner.unit.reason
    owner.run(1)
    owner.notify(is_ready=True)
    owner.exit(1)
    assert "ERRNO" not in owner.unit.reason


def test_type_exec_is_up_once_its_program_is_executed() -> None:
    owner = launched(type=UnitType.EXEC, start_timeout_s=5.0)
    assert owner.unit.phase.value == "start"
    owner.unit.executed(owner.now)
    assert owner.unit.phase.value == "running"


def test_the_report_of_an_execve_is_nothing_to_other_types() -> None:
    owner = launched(type=UnitType.NOTIFY)
    owner.unit.executed(owner.now)
    assert owner.unit.phase.value == "start"
