"""A Zigbee router that is away is one problem, not one for each device behind it."""

from __future__ import annotations

from msgspec.structs import replace

from hems.clients.home_assistant.zha_responses import (
    ZhaDevice,
    ZhaNeighbor,
)
from hems.protocols.gateway.problem_kinds import DEVICE_SILENT
from hems.protocols.gateway.zigbee_problem_kinds import ZIGBEE_ROUTER_SILENT
from hems.workers.provision.observations.silent_devices import with_routers

CHILDREN = tuple(ZhaNeighbor(one, "Child") for one in ("ieee-a", "ieee-b"))
ROUTER = ZhaDevice(
    "plug",
    ieee="ieee-plug",
    name="Plug",
    available=False,
    device_type="Router",
    neighbors=(*CHILDREN, ZhaNeighbor("ieee-c", "Sibling")),
)
DEVICES = (ROUTER, *(ZhaDevice(one, ieee=f"ieee-{one}", device_type="EndDevice") for one in "abc"))
SILENT = {one: DEVICE_SILENT.found("since 9:00", one.upper()) for one in "abc"}


def test_a_router_that_is_away_stands_for_its_silent_children() -> None:
    found = ZIGBEE_ROUTER_SILENT.found("behind it: A, B", "Plug")
    assert list(with_routers(SILENT, DEVICES)) == [found, SILENT["c"]]
    only_b = {"b": SILENT["b"]}
    found = ZIGBEE_ROUTER_SILENT.found("behind it: B", "Plug")
    assert list(with_routers(only_b, DEVICES)) == [found]


def test_a_silent_router_that_is_a_meter_is_named_once() -> None:
    meter = {"plug": DEVICE_SILENT.found("since 9:00", "Plug")}
    there = (replace(ROUTER, available=True), *DEVICES[1:])
    assert [one.name for one in with_routers({**SILENT, **meter}, there)] == [
        ZIGBEE_ROUTER_SILENT.name,
        DEVICE_SILENT.name,
    ]
    assert list(with_routers(meter, there)) == [meter["plug"]]


def test_a_router_that_is_there_excuses_nobody() -> None:
    there = (replace(ROUTER, available=True), *DEVICES[1:])
    assert list(with_routers(SILENT, there)) == list(SILENT.values())
    end_device = (replace(ROUTER, device_type="EndDevice"), *DEVICES[1:])
    assert list(with_routers(SILENT, end_device)) == list(SILENT.values())
    assert list(with_routers({}, DEVICES)) == []
