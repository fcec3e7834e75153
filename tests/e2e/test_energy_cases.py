"""Damaged frames of several meters, as the statistics of the real Home Assistant add them up."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.auth_api import HomeAssistant
from hems.protocols.linky.d2l_frames import PayloadType
from tests.deploy.lan import CLIENT, HOME_ASSISTANT, PROXY
from tests.e2e.gateway import Gateway
from tests.e2e.meter import Meter
from tests.e2e.visitor import Visitor
from tests.integration.d2l import ID, Dongle, entry, sealed
from tests.integration.worker_process import eventually
from tests.linky_cases import LinkyCase, all_cases, payload

pytestmark = pytest.mark.e2e

KEYS = ("energy_total", "east")
FIRST_S = 15.0
RECALL_S = 6.0  # the worker asks the broker first for what it retains
ROUND_S = 0.5  # between two frames of a dongle, so that Home Assistant sees each state
PORT, ANSWER_S, HOUR_S, CORRECTED_S = 8123, 10.0, 3600.0, 30.0
STATISTICS_S = 330.0  # Home Assistant makes them every five minutes
CASES = {  # by the id of its dongle
    ID + 2 + number: case
    for number, case in enumerate(
        case
        for case in all_cases()
        if (case.name[0].isdigit() or case.name.startswith("restart-"))
        and not case.right.get("virtual")
        and any(key in case.right.get("sum", {}) for key in KEYS)
    )
}


def node(device: int) -> str:
    """Return the name of a dongle's device in Home Assistant."""
    return f"d2l_{device:012d}"


@pytest.fixture
def dongles(home: Gateway, owner: Visitor, meter: Meter) -> Iterator[None]:
    """List a dongle for each case; there is none afterwards."""
    meter.push()
    before = dict(home.variables)
    home.variables["D2L_DEVICES"] = ";".join(map(entry, (ID, *CASES)))
    _restart(home)
    yield
    home.variables.clear()
    home.variables.update(before)
    _restart(home)
    nodes = {node(device) for device in CASES}
    for device in owner.command("config/device_registry/list"):
        if any(domain == "mqtt" and name in nodes for domain, name in device["identifiers"]):
            for config_entry in device["config_entries"]:
                owner.command(
                    "config/device_registry/remove_config_entry",
                    device_id=device["id"],
                    config_entry_id=config_entry,
                )


def _restart(home: Gateway) -> None:
    home.restart("hems")
    home.hems.until_settled()
    time.sleep(RECALL_S)


def parts(case: LinkyCase) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the frames before the first restart of the worker, and those after it."""
    before: list[dict[str, Any]] = []
    after: list[dict[str, Any]] = []
    current = before
    for step in case.steps:
        if "restart" in step:
            current = after
        else:
            current.append(step)
    return before, after


def content(step: dict[str, Any], device: int, begin: float) -> bytes:
    """Return the payload of a frame, sent by `device` in a case that began at `begin` (unix s)."""
    if "doc" in step:
        step = step | {"doc": step["doc"] | {"_ID_D2L": f"{device:012d}"}}
    else:
        step = step | {"raw": step["raw"].replace(f"{ID:012d}", f"{device:012d}")}
    return payload(step, begin)


def replay(home: Gateway, frames: dict[int, list[dict[str, Any]]], begin: float) -> None:
    """Send the frames of all dongles in turn."""
    for number in range(max(map(len, frames.values()), default=0)):
        for device, steps in frames.items():
            if number < len(steps):
                data = sealed(PayloadType.PUSH_JSON, content(steps[number], device, begin), device)
                connect = lambda device=device: Dongle(7845, device, host=PROXY, source=CLIENT)  # noqa: E731
                with home.site.lan.house.call(connect) as dongle:
                    dongle.send(data)
                    assert dongle.answer() is not None
        time.sleep(ROUND_S)


def sums(owner: Visitor, statistics: list[str]) -> dict[str, float]:
    """Return the newest sum of each of these statistics."""
    by_entity = owner.command(
        "recorder/statistics_during_period",
        start_time=(datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        statistic_ids=statistics,
        period="5minute",
        types=["sum"],
    )
    return {one: rows[-1]["sum"] for one, rows in by_entity.items()}


@pytest.mark.usefixtures("dongles")
def test_the_statistics_are_what_each_home_has_used(home: Gateway, owner: Visitor) -> None:
    expected = {
        f"sensor.{node(device)}_{key}": case.right["sum"][key]
        for device, case in CASES.items()
        for key in KEYS
        if key in case.right["sum"]
    }
    begin = time.time()
    rest = {device: parts(case)[0] for device, case in CASES.items()}

    def missing() -> set[int]:
        states = {one["entity_id"] for one in owner.command("get_states")}
        unknown = expected.keys() - states
        return {device for device in CASES if any(node(device) in entity for entity in unknown)}

    for _ in range(5):  # a first value that no sum proves is shown once others have confirmed it
        replay(home, {device: [rest[device].pop(0)] for device in missing()}, begin)
        with contextlib.suppress(AssertionError):
            eventually(lambda: not missing(), FIRST_S, "Home Assistant knows all meters")
    assert not missing(), "Home Assistant does not know all meters"
    replay(home, rest, begin)
    _restart(home)
    replay(home, {device: parts(case)[1] for device, case in CASES.items()}, begin)
    with contextlib.suppress(AssertionError):  # the comparison says what differs
        statistics = list(expected)
        eventually(lambda: sums(owner, statistics) == expected, STATISTICS_S, "the statistics")
    assert sums(owner, list(expected)) == expected


def _session(home: Gateway, owner: Visitor, work: Callable[[AdminSession], Any]) -> Any:
    """Return what `work` returns, with provision's own client of Home Assistant."""

    def inside() -> Any:
        with AdminSession(HomeAssistant((HOME_ASSISTANT, PORT), ANSWER_S), owner.token) as session:
            return work(session)

    return home.site.lan.house.call(inside)


def test_energy_is_taken_out_of_the_statistics(home: Gateway, owner: Visitor) -> None:
    """Of one of the meters above, whose statistics exist."""
    begin = time.time() - HOUR_S
    device = next(one for one, case in CASES.items() if "energy_total" in case.right["sum"])
    entity = f"sensor.{node(device)}_energy_total"
    before = sums(owner, [entity])[entity]
    counted = _session(home, owner, lambda one: one.counted_energy(entity, begin, "5minute"))
    assert counted
    slot = counted[-1]
    _session(home, owner, lambda one: one.correct_energy(entity, slot.begin, -1234.0))
    eventually(
        lambda: sums(owner, [entity])[entity] == pytest.approx(before - 1234),
        CORRECTED_S,
        "the sum is corrected",
    )
    again = _session(home, owner, lambda one: one.counted_energy(entity, begin, "5minute"))
    [changed] = [one for one in again if one.begin == slot.begin]
    assert changed.wh == pytest.approx(slot.wh - 1234)
