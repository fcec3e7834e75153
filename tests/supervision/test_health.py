import json
import xmlrpc.client

import pytest

from hems.protocols.sd_notify import Message
from hems.supervision.health import Row, as_json, as_table, from_struct, row, span, to_struct
from hems.supervision.restart import Exit
from hems.supervision.spec import Restart, Type, UnitSpec
from hems.supervision.units import Unit

GOOD = Row(
    name="led",
    type="notify",
    state="active",
    reason="",
    is_healthy=True,
    is_ready=True,
    status="3 lights",
    restarts=0,
    restart_reason="",
    figures='{"lights":3}',
    pid=42,
    uptime_s=200.5,
    ping_age_s=1.25,
)
BAD = Row(
    name="eesmart-d2l",
    type="simple",
    state="failed",
    reason="exit status 78",
    is_healthy=False,
    is_ready=False,
    status="",
    restarts=2,
    restart_reason="exit status 1",
    figures="{}",
)


def active(now: float = 10.0) -> Unit:
    unit = Unit(UnitSpec("x", type=Type.NOTIFY, watchdog_s=5, restart=Restart.ON_FAILURE))
    unit.due(now)
    unit.spawned(now)
    unit.receive(Message(is_ready=True, is_alive=True, status="up"), now + 1)
    return unit


def test_a_row_has_ages_at_the_given_time() -> None:
    found = row(active(), 42, {}, 12.0)
    assert (found.uptime_s, found.ping_age_s, found.status) == (2.0, 1.0, "up")
    assert found.is_healthy
    assert found.is_ready


def test_a_unit_waiting_to_be_restarted_is_unhealthy() -> None:
    unit = active()
    unit.exited(Exit(1), 11.0)
    found = row(unit, None, {}, 12.0)
    assert (found.state, found.is_healthy, found.is_ready) == ("auto-restart", False, False)
    assert (found.uptime_s, found.ping_age_s) == (None, None)


def test_a_unit_that_hangs_is_unhealthy_while_it_is_being_ended() -> None:
    unit = active()
    unit.due(16.0)
    assert not row(unit, 42, {}, 16.0).is_healthy


def test_a_unit_that_was_stopped_or_is_starting_is_healthy() -> None:
    unit = active()
    unit.stop(11.0)
    assert row(unit, 42, {}, 12.0).is_healthy
    unit.exited(Exit(signal=15), 12.0)
    assert row(unit, None, {}, 12.0).is_healthy
    assert row(Unit(UnitSpec("x")), None, {}, 12.0).is_healthy


@pytest.mark.parametrize("sent", [GOOD, BAD])
def test_a_row_survives_xml_rpc(sent: Row) -> None:
    wire = xmlrpc.client.dumps(([to_struct(sent)],), methodresponse=True)
    (structs,), _ = xmlrpc.client.loads(wire)
    assert from_struct(structs[0]) == sent  # type: ignore[index,arg-type]


def test_a_field_of_a_newer_version_is_ignored() -> None:
    assert from_struct({**to_struct(GOOD), "colour": "red"}) == GOOD


def test_json_carries_the_figures_as_an_object_and_absent_values_as_null() -> None:
    good, bad = json.loads(as_json([GOOD, BAD]))
    assert good["figures"] == {"lights": 3}
    assert (bad["pid"], bad["is_healthy"]) == (None, False)


def test_the_table_is_aligned_and_ends_with_the_reasons() -> None:
    assert as_table([GOOD, BAD]).splitlines() == [
        "   NAME         TYPE    STATE   READY  PID  UPTIME  PING  RESTARTS  STATUS",
        "   led          notify  active  yes    42   3m20s   1s    0         3 lights",
        "!  eesmart-d2l  simple  failed  no     -    -       -     2         -",
        "! eesmart-d2l is failed: exit status 78",
    ]


def test_the_table_says_why_a_healthy_unit_was_restarted() -> None:
    restarted = Row(**{**to_struct(GOOD), "restarts": 1, "restart_reason": "exit status 1"})  # type: ignore[arg-type]
    assert as_table([restarted]).splitlines()[-1] == (
        "  led was last restarted after: exit status 1"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (4.9, "4s"), (200, "3m20s"), (18420, "5h07m"), (183_600, "2d03h")],
)
def test_a_span_has_its_two_largest_units(seconds: float | None, text: str) -> None:
    assert span(seconds) == text
