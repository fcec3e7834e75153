"""Units, firewall, meters, containers: what somebody else's words mean."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from hems.clients.balena_answers import Container, Status
from hems.doctor.checks import balena, firewall, provision, readings, units
from hems.doctor.finding import Finding, Level
from hems.protocols import health_report
from hems.protocols.health_report import HealthReport
from hems.protocols.provision_figures import PATIENCE_S
from hems.supervision import health
from hems.supervision.health import Row

ROW = Row("led", "notify", "active", "", True, True, "", 0, "", "{}")
NOW = 1_700_000_000.0


def told(*rows: Row) -> HealthReport:
    return health_report.decode(health.as_report(rows, 0.0).encode())


def unit(**changes: object) -> Row:
    return Row(**{**ROW.__dict__, **changes})


def test_units_that_are_well_are_one_line() -> None:
    (finding,) = units.judged(told(ROW, unit(name="watchdog")), "/log")
    assert (finding.level, finding.found) == (Level.OK, "all 2 are well")


@pytest.mark.parametrize(
    ("row", "level", "words"),
    [
        (unit(state="failed", is_healthy=False, reason="78"), Level.FAILED, "led is failed: 78"),
        (
            unit(state="auto-restart", is_healthy=False, restart_reason="SIGSEGV"),
            Level.FAILED,
            "led is auto-restart: SIGSEGV",
        ),
        (unit(state="inactive"), Level.NOTE, "led was stopped"),
        (unit(restarts=1, restart_reason="hung"), Level.NOTE, "led was restarted 1 time: hung"),
    ],
)
def test_a_unit_that_is_not_well_is_named(row: Row, level: Level, words: str) -> None:
    (finding,) = units.judged(told(ROW, row), "/log")
    assert (finding.level, finding.found) == (level, words)


FIGURES = {
    "mode": "enforce",
    "is_permitted": True,
    "slots": {"nft DOCKER-USER": True},
    "problems": {},
    "fights": [],
}


def wall(**changes: object) -> list[Finding]:
    figures = json.dumps({**FIGURES, **changes})
    return firewall.judged(told(ROW, unit(name="iptables-init", figures=figures)))


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        ({}, Level.OK, "our rules stand in nft DOCKER-USER"),
        ({"mode": "report"}, Level.NOTE, "only looks"),
        ({"slots": {}}, Level.NOTE, "nothing to open"),
        ({"slots": {"nft DOCKER-USER": False}}, Level.FAILED, "missing in nft DOCKER-USER"),
        ({"is_permitted": False, "slots": {}}, Level.FAILED, "CAP_NET_ADMIN is missing"),
        ({"problems": {"nft": "broken\nmore"}}, Level.FAILED, "nft: broken"),
        ({"fights": ["nft"], "slots": {"a": False}}, Level.FAILED, "another program keeps"),
    ],
)
def test_what_the_firewalls_figures_mean(
    changes: Mapping[str, object], level: Level, words: str
) -> None:
    (finding,) = wall(**changes)
    assert finding.level is level
    assert words in finding.found


def test_a_firewall_that_has_not_told_is_not_known_to_be_wrong() -> None:
    (finding,) = firewall.judged(told(ROW, unit(name="iptables-init")))
    assert (finding.level, finding.found) == (Level.NOTE, "iptables-init has not told yet")


def test_a_gateway_without_the_firewalls_unit_is_not_well() -> None:
    (finding,) = firewall.judged(told(ROW))
    assert finding.level is Level.FAILED


def state(age_s: float) -> bytes:
    return json.dumps({"last_frame": datetime.fromtimestamp(NOW - age_s, UTC).isoformat()}).encode()


@pytest.mark.parametrize(
    ("states", "level", "words"),
    [
        ({"1": state(20)}, Level.OK, "1 sent 20 s ago"),
        ({"1": state(-3)}, Level.OK, "1 sent 0 s ago"),
        ({"1": state(1200)}, Level.FAILED, "1 sent 20 min ago"),
        ({}, Level.FAILED, "1 has not sent yet"),
        ({"1": b"{}"}, Level.NOTE, "the clock was not synchronised"),
        ({"1": b"{"}, Level.FAILED, "makes no sense"),
        ({"1": b'{"last_frame":"yesterday"}'}, Level.FAILED, "makes no sense"),
    ],
)
def test_how_old_a_reading_may_be(states: dict[str, bytes], level: Level, words: str) -> None:
    (finding,) = readings.judged(["1"], states, NOW, 600.0)
    assert finding.level is level
    assert words in finding.found


def containers(*status: str, is_applying: bool = False) -> Status:
    found = (Container(f"s{number}", one, "id") for number, one in enumerate(status))
    return Status(tuple(found), frozenset(), is_applying)


@pytest.mark.parametrize(
    ("status", "level", "words"),
    [
        (containers("Running", "Running"), Level.OK, "2 containers run"),
        (containers("Running", "exited"), Level.FAILED, "not running: s1"),
        (containers("exited", is_applying=True), Level.NOTE, "an update is under way: s0"),
    ],
)
def test_what_the_devices_state_means(status: Status, level: Level, words: str) -> None:
    (finding,) = balena.judged(status)
    assert finding.level is level
    assert words in finding.found


def test_a_service_that_runs_by_hand_only_may_be_stopped() -> None:
    stopped = Container("wifi-repeater", "exited", "id")
    (finding,) = balena.judged(Status((stopped,), frozenset(), is_applying=False))
    assert finding.level is Level.OK


def provision_told(**waiting: str) -> Row:
    figures = {"waiting": waiting, "waiting_since": 1.0 if waiting else None}
    return unit(name="provision", figures=json.dumps(figures | {"has_supervisor": True}))


def test_each_work_that_provision_has_not_done_has_failed() -> None:
    report = told(provision_told(nginx="File exists", influxdb="is away"))
    found = provision.judged(report, now=1.0 + PATIENCE_S)
    assert [one.level for one in found] == [Level.FAILED, Level.FAILED]
    assert [one.found for one in found] == ["nginx: File exists", "influxdb: is away"]
    assert all("mend what it names" in one.advice for one in found)


def test_what_has_not_waited_for_long_may_still_come() -> None:
    (finding,) = provision.judged(told(provision_told(mqtt="is away")), now=PATIENCE_S)
    assert (finding.level, finding.found) == (Level.NOTE, "mqtt: is away")


def test_a_provision_that_waits_for_nothing_is_well() -> None:
    (finding,) = provision.judged(told(provision_told()), now=1000.0)
    assert finding.level is Level.OK


def test_a_provision_that_has_not_told_is_worth_knowing() -> None:
    (finding,) = provision.judged(told(ROW), now=1000.0)
    assert (finding.level, finding.found) == (Level.NOTE, "provision has not told yet")
