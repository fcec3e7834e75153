import math

from hems.supervision.health.health_row import row
from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec, UnitType
from hems.supervision.units.restart_policy import ProcessExit
from hems.supervision.units.unit_state_machine import Unit
from hems.supervision.worker.notification_datagram import SdNotifyMessage


def active(now: float = 10.0) -> Unit:
    unit = Unit(
        UnitSpec("x", type=UnitType.NOTIFY, watchdog_s=5, restart=RestartCondition.ON_FAILURE)
    )
    unit.advance(now)
    unit.spawned(now)
    unit.receive(SdNotifyMessage(is_ready=True, is_alive=True, status="up"), now + 1)
    return unit


def test_a_row_says_when_the_process_began_and_last_pinged() -> None:
    health = row(active(), 42, {}, ())
    assert (health.started_at, health.pinged_at, health.status) == (10.0, 11.0, "up")
    assert health.is_healthy
    assert health.is_ready


def test_a_unit_waiting_to_be_restarted_is_unhealthy() -> None:
    unit = active()
    unit.exited(ProcessExit(1), 11.0)
    health = row(unit, None, {}, ())
    assert (health.state, health.is_healthy, health.is_ready) == ("auto-restart", False, False)
    assert (health.started_at, health.pinged_at) == (None, None)


def test_a_unit_that_hangs_is_unhealthy_while_it_is_being_ended() -> None:
    unit = active()
    unit.advance(16.0)
    assert not row(unit, 42, {}, ()).is_healthy


def test_a_unit_that_was_stopped_or_is_starting_is_healthy() -> None:
    unit = active()
    unit.stop(11.0)
    assert row(unit, 42, {}, ()).is_healthy
    unit.exited(ProcessExit(signal=15), 12.0)
    assert row(unit, None, {}, ()).is_healthy
    assert row(Unit(UnitSpec("x")), None, {}, ()).is_healthy


def test_a_row_says_that_a_start_waits_for_ready() -> None:
    missing = "its process has not sent READY=1, which Type=notify expects"
    for unit_type, limit_s, reason in (
        (UnitType.NOTIFY, 90.0, f"{missing}; the start fails after 90 s (TimeoutStartSec)"),
        (UnitType.NOTIFY, math.inf, missing),
        (UnitType.ONESHOT, 90.0, ""),
    ):
        unit = Unit(UnitSpec("x", type=unit_type, start_timeout_s=limit_s))
        unit.advance(10.0)
        unit.spawned(10.0)
        health = row(unit, 42, {}, ())
        assert (health.state, health.reason, health.is_healthy) == ("activating", reason, True)
    assert row(active(), 42, {}, ()).reason == ""
