import json
from typing import Any

import msgspec
import pytest

from hems.protocols.gateway_entities import entities
from hems.protocols.gateway_state import Machine, figures, health
from hems.protocols.health_report import HealthReport, UnitHealth, UnitState
from hems.protocols.watchdog_state import Internet, WatchdogState
from hems.workers.eesmart_d2l.figures import Figures as D2lFigures
from hems.workers.provision.figures import Figures as ProvisionFigures
from hems.workers.watchdog.figures import Figures as WatchdogFigures

ONLINE = WatchdogState(100, 180, Internet.ONLINE, 0)
MACHINE = Machine(
    uptime_s=7000,
    cpu_temperature=51.46,
    memory_used=33.4,
    disk_used=12.34,
    disk_free=20_440_000_000,
    written_per_hour=31_400_000.0,
    os_version="balenaOS 6.1.2",
)
NOTHING = Machine(7000, None, None, None, None, None, "")
REPAIR = "2026-11-23T12:00:00Z  restart homeassistant: release 1002: has come"


def unit(name: str, **changes: Any) -> UnitHealth:
    whole = UnitHealth(name, UnitState.ACTIVE, "", True, 0, "", msgspec.Raw(b"{}"))
    return msgspec.structs.replace(whole, **changes)


def told(name: str, told: msgspec.Struct) -> UnitHealth:
    return unit(name, figures=msgspec.Raw(msgspec.json.encode(told)))


def watchdog_told(last_action: str) -> UnitHealth:
    return told(
        "watchdog",
        WatchdogFigures("online", 1, None, False, False, (), {}, last_action, True),
    )


def report(*units: UnitHealth) -> HealthReport:
    return HealthReport(100, units)


def shown(*units: UnitHealth, watchdog: WatchdogState | None = ONLINE) -> dict[str, Any]:
    return health(report(*units), watchdog, "it is old")


def test_a_gateway_that_is_well_has_no_problem() -> None:
    state = shown(unit("led"))
    assert (state["problem"], state["problems"]) == (False, [])
    assert (state["internet"], state["internet_reason"]) == ("online", "")
    assert state["reboots"] == "none due"


def test_a_unit_tells_its_state_and_its_restarts_with_their_reasons() -> None:
    state = shown(unit("eesmart-d2l", restarts=3, restart_reason="watchdog"))
    assert state["unit_eesmart_d2l"] == "active"
    assert state["unit_eesmart_d2l_restarts"] == 3
    assert state["unit_eesmart_d2l_restart_reason"] == "watchdog"


def test_a_unit_that_is_not_well_is_a_problem_in_words() -> None:
    failed = unit("led", state=UnitState.FAILED, reason="exit status 78", is_healthy=False)
    state = shown(failed, unit("watchdog"))
    assert state["problem"] is True
    assert state["problems"] == ["led is failed: exit status 78"]
    assert state["unit_led_reason"] == "exit status 78"


@pytest.mark.parametrize(("since", "problems"), [(-500, ["nginx: File exists"]), (90, [])])
def test_what_provision_cannot_do_for_ten_minutes_is_a_problem(
    since: float, problems: list[str]
) -> None:
    waiting = {"nginx": "File exists"}
    figures = ProvisionFigures(None, (), waiting, since, "", has_supervisor=True)
    assert shown(told("provision", figures))["problems"] == problems


@pytest.mark.parametrize(
    ("changes", "reboots", "problem"),
    [
        ({"next_reboot_at": 900.0}, "due", None),
        (
            {"next_reboot_at": 900.0, "is_reboot_budget_exhausted": True},
            "exhausted",
            "reboots have not brought the internet back",
        ),
        (
            {"is_data_unwritable": True},
            "held back",
            "what must outlive the watchdog cannot be written to disk",
        ),
        ({"given_up": ("mqtt",)}, "none due", "mqtt was restarted in vain and is left alone"),
    ],
)
def test_what_the_watchdog_cannot_repair_is_a_problem(
    changes: dict[str, Any], reboots: str, problem: str | None
) -> None:
    state = shown(watchdog=msgspec.structs.replace(ONLINE, **changes))
    assert state["reboots"] == reboots
    assert state["problems"] == ([problem] if problem else [])


@pytest.mark.parametrize("internet", set(Internet) - {Internet.ONLINE})
def test_an_internet_that_is_away_says_why(internet: Internet) -> None:
    state = shown(watchdog=msgspec.structs.replace(ONLINE, internet=internet))
    assert state["internet"] == internet.value
    assert state["internet_reason"]


def test_without_the_watchdog_the_internet_is_not_known_and_it_says_why() -> None:
    state = shown(watchdog=None)
    assert (state["internet"], state["reboots"]) == (None, None)
    assert state["internet_reason"] == "it is old"


def test_without_a_report_it_is_not_known_whether_there_is_a_problem() -> None:
    assert health(None, ONLINE, "")["problem"] is None


def test_a_problem_that_is_known_is_one_without_a_report_too() -> None:
    given_up = msgspec.structs.replace(ONLINE, given_up=("mqtt",))
    assert health(None, given_up, "")["problem"] is True


def test_the_last_repair_is_the_watchdogs_line_in_three_parts() -> None:
    state = shown(watchdog_told(REPAIR))
    assert state["last_repair"] == "2026-11-23T12:00:00Z"
    assert state["last_repair_action"] == "restart homeassistant"
    assert state["last_repair_reason"] == "release 1002: has come"


@pytest.mark.parametrize("line", ["", "yesterday  reboot: no internet"])
def test_a_repair_that_is_not_understood_is_not_known(line: str) -> None:
    state = shown(watchdog_told(line))
    assert state["last_repair"] is state["last_repair_action"] is None


@pytest.mark.parametrize("strange", [b"[]", b'{"last_action": 1}'])
def test_figures_of_another_version_are_not_known(strange: bytes) -> None:
    assert shown(unit("watchdog", figures=msgspec.Raw(strange)))["last_repair"] is None


def numbers(machine: Machine, **given: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"report": None, "watchdog": None, "unread": {}, "now": 100} | given
    return figures(machine, **options)


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
    worker = told("eesmart-d2l", D2lFigures(1, 1, 1, {}, age_s, 1, "connected", ""))
    assert numbers(MACHINE, report=report(worker))["last_reading_age"] == minutes


@pytest.mark.parametrize(("due_at", "minutes"), [(None, None), (400.0, 5), (40.0, 0)])
def test_a_reboot_that_is_due_has_its_time(due_at: float | None, minutes: int | None) -> None:
    watchdog = msgspec.structs.replace(ONLINE, next_reboot_at=due_at)
    assert numbers(MACHINE, watchdog=watchdog)["next_reboot_in_min"] == minutes


def test_every_entity_and_attribute_has_its_state() -> None:
    state = shown(unit("led")) | numbers(MACHINE) | {"version": "1"}
    sent = json.loads(msgspec.json.encode(state))
    wanted = {key for one in entities(["led"]) for key in (one.key, *one.attributes)}
    assert sent.keys() == wanted
