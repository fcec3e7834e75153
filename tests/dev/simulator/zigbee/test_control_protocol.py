import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from dev.simulator.zigbee.device_control_orders import DeviceOrders
from dev.simulator.zigbee.ezsp_constants import EzspCommand
from dev.simulator.zigbee.metering_attributes import ELECTRICAL, quantity
from dev.simulator.zigbee.stick import Stick
from dev.simulator.zigbee.stick_control_orders import StickOrders
from dev.simulator.zigbee.stick_memory import StickMemory
from dev.simulator.zigbee.zigbee_program import ControlPort
from hems.errors import Unavailable
from tests.dev.simulator.zigbee.ezsp_host import EzspHost
from tests.fakes.scheduler import FakeScheduler

METER = {"device": "meter", "eui64": "00124b0000000001"}


@dataclass
class FakeLine:
    """Records what is done to it; `error` is what plugging in raises."""

    done: list[str] = field(default_factory=list)
    error: Unavailable | None = None

    async def plug_in(self) -> None:
        if self.error:
            raise self.error
        self.done.append("plug_in")

    def unplug(self) -> None:
        self.done.append("unplug")

    def cut(self) -> None:
        self.done.append("cut")


@dataclass
class Control:
    """A control port; the host has formed a network that is open."""

    line: FakeLine = field(default_factory=FakeLine)

    def __post_init__(self) -> None:
        scheduler = FakeScheduler()
        self.stick = Stick(scheduler, StickMemory())
        self.host = EzspHost(self.stick, scheduler)
        self.host.connect()
        self.host.form()
        self.stick.network.permit(60)
        orders = StickOrders(self.stick, self.line)
        self.devices = DeviceOrders(scheduler, self.stick)
        self._port = ControlPort(orders, self.devices)

    def order(self, order: str, **more: object) -> Any:
        return json.loads(self.answer(json.dumps({"order": order, **more})))["ok"]

    def values(self, *names: str) -> list[int]:
        """Return quantities of the meter."""
        meter = self.devices._devices["meter"]
        return [meter.value(quantity(name)).number for name in names]

    def error(self, text: str) -> str:
        return str(json.loads(self.answer(text))["error"])

    def answer(self, text: str) -> bytes:
        answer = asyncio.run(self._port.answer(text.encode() + b"\n"))
        assert answer.endswith(b"\n")
        return answer


@pytest.fixture
def control() -> Control:
    return Control()


def test_the_stick_is_unplugged_cut_and_hangs(control: Control) -> None:
    for order in ("unplug", "plug_in", "cut"):
        control.order(order)
    assert control.line.done == ["unplug", "plug_in", "cut"]
    assert not control.order("state")["is_connected"]
    control.host.connect()
    control.order("hang")
    assert control.stick.is_hanging
    control.order("revive")
    assert not control.stick.is_hanging


def test_the_stick_is_replaced_by_a_blank_one_or_that_of_another_network(control: Control) -> None:
    first = control.order("state")
    assert (first["is_up"], first["is_open"], first["formed"]) == (True, True, 1)
    assert first["commands"]["form_network"] == 1
    control.order("replace", eui64="00124b00000000ff")
    blank = control.order("state")
    assert (blank["eui64"], blank["network_key"]) == ("00124b00000000ff", None)
    control.order("replace", eui64="00124b00000000fe", network="other")
    other = control.order("state")
    assert len(bytes.fromhex(other["network_key"])) == 16
    assert other["network_key"] != first["network_key"]
    assert not other["is_up"]


def test_a_device_joins_measures_and_leaves(control: Control) -> None:
    control.order("add", **METER, model="PLUG", has_switch=True)
    assert not control.order("device", device="meter")["is_joined"]
    assert control.order("join", device="meter")
    control.order("rejoin", device="meter")
    state = control.order("device", device="meter")
    assert (state["is_joined"], state["bindings"], state["reports"]) == (True, [], {})
    control.order("measure", device="meter", values={"energy": 5, "is_on": 0})
    assert control.values("energy", "is_on") == [5, 0]
    control.order("report", device="meter", values={"power": -1})
    assert control.values("power") == [-1]
    control.order("send_trap", device="meter", trap="invalid-values")
    assert control.values("energy", "power") == [0xFFFF_FFFF_FFFF, -0x8000]
    for order, is_silent in (("silence", True), ("speak", False)) * 2:
        control.order(order, device="meter")
        (device,) = control.stick._devices.values()
        assert device.is_silent is is_silent
    control.order("leave", device="meter")
    assert not control.order("device", device="meter")["is_joined"]
    control.stick.network.permit(0)
    assert control.order("join", device="meter") is False


def test_what_is_reported_to_order_is_sent_once(control: Control) -> None:
    control.order("add", **METER)
    control.order("join", device="meter")
    meter = control.devices._devices["meter"]
    meter.bindings.add((1, ELECTRICAL))
    meter.reports.configure(quantity("power"), 0, 900, 1)  # so that each change is due at once
    for order, more in (("report", {"values": {"power": -1}}), ("send_trap", {"trap": "feed-in"})):
        control.host.messages()
        control.order(order, device="meter", **more)
        assert [header.cluster for header, _, _ in control.host.messages()] == [ELECTRICAL]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"order": "state"', "truncated"),
        ('{"order": "state", "colour": 1}', "colour"),
        ('{"order": "explode"}', "order: found 'explode', expected one of join"),
        ('{"order": "join", "device": "x"}', "device: found 'x', expected one of meter"),
        ('{"order": "measure", "device": "meter", "values": {"gas": 1}}', "quantity: found 'gas'"),
        ('{"order": "report", "device": "meter", "values": {"gas": 1}}', "quantity: found 'gas'"),
        ('{"order": "add", "device": "y", "eui64": "0012", "trap": ""}', "found '0012', expected"),
        ('{"order": "add", "device": "y", "eui64": "zz"}', "eui64: found 'zz'"),
        ('{"order": "add", "device": "y", "trap": "gas"}', "trap: found 'gas', expected one of no"),
        ('{"order": "replace", "network": "my"}', "network: found 'my', expected one of none"),
        ('{"order": "plug_in"}', "port 1: in use"),
    ],
)
def test_a_mistake_is_named(text: str, error: str) -> None:
    control = Control(FakeLine(error=Unavailable("port 1: in use")))
    control.order("add", **METER)
    assert error in control.error(text)


def test_other_radios_are_heard_in_the_channels_that_they_use() -> None:
    control = Control()
    control.order("noise", values={"25": -40})
    control.host.callbacks.clear()
    control.host.ask(EzspCommand.START_SCAN, b"\x00" + (0b11 << 25).to_bytes(4, "little") + b"\x02")
    heard = [body for number, body in control.host.callbacks if len(body) == 2]
    assert heard[:2] == [b"\x19\xd8", b"\x1a\xa6"]
    assert control.order("state")["channel"] in range(11, 27)
    assert "expected channels" in control.error('{"order": "noise", "values": {"x": 1}}')


def test_a_device_lists_those_that_send_through_it() -> None:
    control = Control()
    control.order("add", **METER)
    control.order("add", device="sensor", eui64="00124b0000000002", has_battery=True)
    control.order("adopt", device="meter", child="sensor")
    [(eui64, _)] = control.devices._devices["meter"].children
    assert eui64[::-1].hex() == "00124b0000000002"
    assert "expected one of meter, sensor" in control.error(
        '{"order": "adopt", "device": "meter", "child": "x"}'
    )
