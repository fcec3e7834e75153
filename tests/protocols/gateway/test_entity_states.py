import json
from typing import Any

import msgspec
import pytest

from hems.protocols.gateway.entity_states import (
    MachineState,
    health,
    measurements,
)
from hems.protocols.gateway.gateway_entities import entities
from hems.protocols.gateway.reported_refusals import ReportedRefusals
from hems.protocols.gateway.unit_health_file import (
    GatewayProblem,
    HealthReport,
    UnitHealth,
)
from hems.protocols.gateway.watchdog_report import Internet, WatchdogState
from hems.protocols.home_assistant.mqtt_discovery import Platform
from hems.supervision.units.unit_phase import HealthState
from hems.workers.eesmart_d2l.d2l_metrics import D2lMetrics
from hems.workers.provision.provision_metrics import ProvisionMetrics
from hems.workers.watchdog.watchdog_metrics import WatchdogMetrics

ONLINE = WatchdogState(100, 180, Internet.ONLINE, 0)
MACHINE = MachineState(
    uptime_s=7000,
    cpu_temperature=51.46,
    memory_used=33.4,
    disk_used=12.34,
    disk_free=20_440_000_000,
    written_per_hour=31_400_000.0,
    os_version="balenaOS 6.1.2",
)
NOTHING = MachineState(7000, None, None, None, None, None, "")
REPAIR = "2026-11-23T12:00:00Z  restart homeassistant: release 1002: has come"


def unit(name: str, **changes: Any) -> UnitHealth:
    whole = UnitHealth(name, HealthState.ACTIVE, "", True, 0, "", msgspec.Raw(b"{}"))
    return msgspec.structs.replace(whole, **changes)


def published(name: str, metrics: msgspec.Struct) -> UnitHealth:
    return unit(name, metrics=msgspec.Raw(msgspec.json.encode(metrics)))


def watchdog_told(last_action: str) -> UnitHealth:
    return published(
        "watchdog",
        WatchdogMetrics("online", 1, None, False, False, (), {}, last_action, True),
    )


def report(*units: UnitHealth) -> HealthReport:
    return HealthReport(100, units)


def health_state(*units: UnitHealth, watchdog: WatchdogState | None = ONLINE) -> dict[str, Any]:
    return health(report(*units), watchdog, "it is old")


def test_a_gateway_that_is_well_has_no_problem() -> None:
    state = health_state(unit("led"))
    assert (state["problem"], state["problems"]) == (False, [])
    assert (state["internet"], state["internet_reason"]) == ("online", "")
    assert state["reboots"] == "none due"


def test_a_unit_has_its_state_and_its_restarts_with_their_reasons() -> None:
    state = health_state(unit("eesmart-d2l", restarts=3, restart_reason="watchdog"))
    assert state["unit_eesmart_d2l"] == "active"
    assert state["unit_eesmart_d2l_restarts"] == 3
    assert state["unit_eesmart_d2l_restart_reason"] == "watchdog"


def test_the_problems_are_those_of_the_list_and_in_its_words() -> None:
    problem = GatewayProblem(
        name="meter-silent",
        subject="0123",
        title="the Linky 0123 is silent",
        since="2027-01-15T08:00:00+00:00",
        found="no frame since 08:00",
        what_to_do="look at it",
        who="family",
        began_at=100.0,
    )
    state = health_state(unit("led"), unit("eesmart-d2l", problems=(problem,)))
    assert state["problem"] is True
    expected = msgspec.structs.asdict(problem)
    del expected["began_at"]
    assert state["problems"] == [expected]


@pytest.mark.parametrize(
    ("changes", "reboots"),
    [
        ({}, "none due"),
        ({"next_reboot_at": 900.0}, "due"),
        ({"next_reboot_at": 900.0, "is_reboot_budget_exhausted": True}, "exhausted"),
        ({"is_data_unwritable": True}, "held back"),
    ],
)
def test_the_reboots_have_a_state(changes: dict[str, Any], reboots: str) -> None:
    state = health_state(watchdog=msgspec.structs.replace(ONLINE, **changes))
    assert state["reboots"] == reboots


@pytest.mark.parametrize("internet", [one for one in Internet if one is not Internet.ONLINE])
def test_an_internet_that_is_away_says_why(internet: Internet) -> None:
    state = health_state(watchdog=msgspec.structs.replace(ONLINE, internet=internet))
    assert state["internet"] == internet.value
    assert state["internet_reason"]


def test_without_the_watchdog_the_internet_is_not_known_and_it_says_why() -> None:
    state = health_state(watchdog=None)
    assert (state["internet"], state["reboots"]) == (None, None)
    assert state["internet_reason"] == "it is old"


def test_without_a_report_it_is_not_known_whether_there_is_a_problem() -> None:
    assert health(None, ONLINE, "")["problem"] is None


def test_the_last_repair_is_the_watchdogs_line_in_three_parts() -> None:
    state = health_state(watchdog_told(REPAIR))
    assert state["last_repair"] == "2026-11-23T12:00:00Z"
    assert state["last_repair_action"] == "restart homeassistant"
    assert state["last_repair_reason"] == "release 1002: has come"


@pytest.mark.parametrize("line", ["", "yesterday  reboot: no internet"])
def test_a_repair_that_is_not_understood_is_not_known(line: str) -> None:
    state = health_state(watchdog_told(line))
    assert state["last_repair"] is state["last_repair_action"] is None


@pytest.mark.parametrize("strange", [b"[]", b'{"last_action": 1}'])
def test_metrics_of_another_version_are_not_known(strange: bytes) -> None:
    assert health_state(unit("watchdog", metrics=msgspec.Raw(strange)))["last_repair"] is None


def numbers(machine: MachineState, **given: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"report": None, "watchdog": None, "unread": {}, "now": 100} | given
    return measurements(machine, **options)


def test_numbers_are_rounded_to_what_says_something() -> None:
    state = numbers(MACHINE)
    assert state["uptime_hours"] == 1.9
    assert state["cpu_temperature"] == 51
    assert state["memory_used"] == 33
    assert (state["disk_used"], state["disk_free"]) == (12.3, 20.4)
    assert state["disk_written"] == 31
    assert state["os_version"] == "balenaOS 6.1.2"


def test_what_cannot_be_read_is_unknown_and_never_a_number() -> None:
    state = numbers(NOTHING, unread={"memory": "no such file"})
    unknown = {name for name, value in state.items() if value is None}
    assert unknown == state.keys() - {"uptime_hours", "unread"}
    assert state["unread"] == ["memory: no such file"]


@pytest.mark.parametrize(("age_s", "minutes"), [(None, None), (12.0, 0), (200.0, 3)])
def test_the_age_of_the_newest_reading_is_the_d2l_workers(
    age_s: float | None, minutes: int | None
) -> None:
    worker = published("eesmart-d2l", D2lMetrics(1, 1, 1, {}, {}, age_s, 1, "connected", ""))
    assert numbers(MACHINE, report=report(worker))["last_reading_age"] == minutes


def test_the_newest_reading_may_be_that_of_another_meter() -> None:
    metrics = ProvisionMetrics(None, (), {}, "", {"Fridge": 65.0, "Car": 600.0, "New": None})
    state = numbers(MACHINE, report=report(published("provision", metrics)))
    assert state["last_reading_age"] == 1
    assert state["reading_ages"] == {"Fridge": 1, "Car": 10, "New": None}


@pytest.mark.parametrize(("due_at", "minutes"), [(None, None), (400.0, 5), (40.0, 0)])
def test_a_reboot_that_is_due_has_its_time(due_at: float | None, minutes: int | None) -> None:
    watchdog = msgspec.structs.replace(ONLINE, next_reboot_at=due_at)
    assert numbers(MACHINE, watchdog=watchdog)["next_reboot_in_min"] == minutes


def test_every_entity_and_attribute_has_its_state() -> None:
    state = health_state(unit("led")) | numbers(MACHINE) | {"version": "1"}
    sent = json.loads(msgspec.json.encode(state))
    known = [one for one in entities(["led"]) if one.platform is not Platform.BUTTON]
    wanted = {key for one in known for key in (one.key, *one.attributes)}
    assert sent.keys() == wanted


def test_the_refusals_of_all_units_are_added_up() -> None:
    units = [published(name, ReportedRefusals({f"door {name}": 7, name: 3})) for name in "ab"]
    none = published("c", ReportedRefusals())
    state = numbers(MACHINE, report=report(*units, none))
    assert state["refused_in_an_hour"] == 20
    assert state["refused_by_door"] == {"door a": 7, "a": 3, "door b": 7, "b": 3}
    assert numbers(MACHINE, report=report(none))["refused_in_an_hour"] is None
