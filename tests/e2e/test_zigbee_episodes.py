"""What may happen to a Zigbee network more than once is named, and over, each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import msgspec
import pytest

from hems.clients.home_assistant.zha_responses import (
    ZhaDevice,
    ZhaDiagnostics,
)
from hems.protocols.gateway.problem_kinds import DEVICE_SILENT
from hems.protocols.gateway.zigbee_problem_kinds import (
    BATTERY_LOW,
    ZIGBEE_CHANNEL_BUSY,
    ZIGBEE_ROUTER_SILENT,
    ZIGBEE_SEVERAL_STICKS,
    ZIGBEE_STICK_SILENT,
)
from hems.protocols.home_assistant.zigbee_stick_finder import stick_to_set_up
from hems.protocols.meters.meter_roles import Role
from hems.supervision.worker.problem import ReportedProblem
from hems.workers.provision.observations.lost_routers import CHILD, ROUTER
from tests.e2e.gateway import gateway
from tests.e2e.usb_stick import UsbStick
from tests.e2e.zigbee_home import BACK_S, FOUND_S, JOIN_S, ZigbeeHome
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

OWN, TWIN = "00124b00deadbeef", "00124b00deadbeee"
SENSOR, PLUG = "00124b0000000002", "00124b0000000003"
SILENT_S, AWAY_S = 20, 240
LOUD, QUIET = -20, -90  # dBm
LOOKS, LOOK_S = 3, 60
LISTED = {BATTERY_LOW.name, ZIGBEE_CHANNEL_BUSY.name}


@pytest.fixture
def home(root: Path, tmp_path: Path) -> Iterator[ZigbeeHome]:
    """Yield a home that is off."""
    with ExitStack() as sticks, gateway(root, tmp_path) as whole:
        yield ZigbeeHome(whole, sticks, tmp_path)


def test_twins_are_named_and_a_stick_that_hangs_comes_back_twice(home: ZigbeeHome) -> None:
    home.power_on()
    control, stick = home.stick(OWN, "other")
    key = control.state()["network_key"]
    twin = UsbStick(home.stick(TWIN, "none")[1].terminal, 1)  # with the same serial number

    def are_twins() -> bool:
        found = stick_to_set_up(home.ports())
        is_named = isinstance(found, ReportedProblem) and found.name == ZIGBEE_SEVERAL_STICKS.name
        return is_named and "have the same serial number" in str(found)

    for one in (twin, stick):
        home.usb.plug_in(one)
    for _ in range(2):
        eventually(are_twins, FOUND_S, "the twins are named")
        assert home.entry() == {}
        home.usb.unplug(twin)
        home.usb.plug_in(twin)
    home.usb.unplug(twin)
    home.usb.unplug(stick)
    home.usb.plug_in(stick)  # its path may have been the twin's
    home.until_set_up()
    assert control.state()["network_key"] == key
    home.join(control)
    for _ in range(2):
        control.order("hang")
        home.until_named(ZIGBEE_STICK_SILENT)
        control.order("revive")
        home.until_loaded()
        home.until_reported(control)  # the meter need not join again


def test_batteries_the_channel_and_routers_are_listed_until_all_is_well(home: ZigbeeHome) -> None:
    home.gateway.variables["HEMS_PROVISION_SILENT_AFTER_S"] = str(SILENT_S)
    control, stick = home.stick(OWN, "other")
    home.usb.plug_in(stick)
    home.power_on()
    home.until_set_up()
    service = {"domain": "zha", "service": "permit", "service_data": {"duration": 60}}
    home.owner.command("call_service", **service)
    control.order("add", device="sensor", eui64=SENSOR, has_battery=True)
    assert control.order("join", device="sensor")
    eventually(lambda: home.battery() == "100", JOIN_S, "the battery is known")
    channel = control.state()["channel"]

    def listed() -> set[str]:
        return LISTED & {name for name, _subject in home.gateway.hems.problems()}

    for _ in range(2):
        control.order("report", device="sensor", values={"battery": 2 * 14})
        control.order("noise", values={str(channel): LOUD})
        eventually(lambda: home.battery() == "14", JOIN_S, "the battery is low")
        until_seen(home, lambda: listed() == LISTED, "both are listed")
        control.order("report", device="sensor", values={"battery": 2 * 21})
        control.order("noise", values={str(channel): QUIET})
        eventually(lambda: home.battery() == "21", JOIN_S, "the battery is new")
        until_seen(home, lambda: listed() == set(), "both are over")

    entries = home.owner.command("config_entries/get", domain="zha")
    answer = home.owner.get(f"/api/diagnostics/config_entry/{entries[0]['entry_id']}")
    assert msgspec.json.decode(answer, type=ZhaDiagnostics).data.channel == channel

    # A plug that is away takes along what sends through it.
    assert home.mains_limit() == SILENT_S
    home.owner.command("call_service", **service)
    control.order("add", device="plug", eui64=PLUG, has_switch=True)
    assert control.order("join", device="plug")
    control.order("adopt", device="plug", child="sensor")
    eventually(lambda: bool(children(home)), JOIN_S, "the plug has joined")
    home.owner.tell("zha/topology/update")  # which ZHA does every four hours
    known = {colons(PLUG): [colons(SENSOR)]}
    eventually(lambda: children(home) == known, JOIN_S, "the plug is the sensor's router")
    for role in (Role.DEVICE, Role.NONE):  # of one that does not count, ZHA says that it is away
        plug = next(one for one in zigbee_devices(home) if one.ieee == colons(PLUG))
        labelled = {"device_id": plug.device_reg_id, "labels": [role]}
        home.owner.command("config/device_registry/update", **labelled)
        for one in ("plug", "sensor"):
            control.order("silence", device=one)
        eventually(lambda: silence(home) == {ZIGBEE_ROUTER_SILENT.name}, AWAY_S, "one problem")
        for one in ("plug", "sensor"):
            control.order("speak", device=one)
            control.order("report", device=one, values={"energy": 123_999})
        eventually(lambda: silence(home) == set(), BACK_S, "they are back")


def children(home: ZigbeeHome) -> dict[str, list[str]]:
    """Return who sends through each router, by its address, as ZHA knows it."""
    return {
        one.ieee: [child.ieee for child in one.neighbors if child.relationship == CHILD]
        for one in zigbee_devices(home)
        if one.device_type == ROUTER and one.entities
    }


def silence(home: ZigbeeHome) -> set[str]:
    """Return the names of the listed problems of who sends nothing."""
    kinds = {DEVICE_SILENT.name, ZIGBEE_ROUTER_SILENT.name}
    return kinds & {name for name, _subject in home.gateway.hems.problems()}


def zigbee_devices(home: ZigbeeHome) -> list[ZhaDevice]:
    listed = home.owner.command("zha/devices")
    return msgspec.convert(listed, list[ZhaDevice], strict=False)


def colons(eui64: str) -> str:
    return ":".join(eui64[at : at + 2] for at in range(0, len(eui64), 2))


def until_seen(home: ZigbeeHome, is_seen: Callable[[], bool], what: str) -> None:
    """Let provision look at once, as it does after its start, until it has seen something.

    It measures the channel once, also if that fails, as it may on a busy machine.
    """
    for _ in range(LOOKS):
        home.gateway.restart("hems")
        home.gateway.hems.until_settled()
        with suppress(AssertionError):
            eventually(is_seen, LOOK_S, what)
            return
    raise AssertionError(f"not after {LOOKS} looks: {what}")
