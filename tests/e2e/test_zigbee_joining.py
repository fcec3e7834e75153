"""From an empty USB port to a named meter: what an installer does, and how long it takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.gateway import gateway
from tests.e2e.zigbee_home import METER, POWER, ZigbeeHome
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.e2e

READY_S, VALUES_S = 60, 60  # the budgets of the gateway
PRESS_S, SHOWN_S, ENDED_S = 2, 5, 30
OWN = "00124b00deadbeef"
OPEN, UNTIL = "button.gateway_zigbee_joining", "sensor.gateway_zigbee_joining_until"
LAST, NAME = "sensor.gateway_zigbee_last_joined", "text.gateway_zigbee_last_joined_name"
TYPED, OPENED = "Heat pump", "Joining is open"


@pytest.fixture
def home(root: Path, tmp_path: Path) -> Iterator[ZigbeeHome]:
    """Yield a home that is off."""
    with ExitStack() as sticks, gateway(root, tmp_path) as whole:
        yield ZigbeeHome(whole, sticks, tmp_path)


def test_an_installer_plugs_in_a_stick_and_adds_a_meter_from_home_assistant(
    home: ZigbeeHome, capsys: pytest.CaptureFixture[str]
) -> None:
    home.power_on()
    control, stick = home.stick(OWN, "none")
    wifi = {str(channel): -35 for channel in range(11, 20)}  # channels 1 and 6 of 2.4 GHz
    control.order("noise", values=wifi)
    began = time.monotonic()
    home.usb.plug_in(stick)
    eventually(lambda: home.owner.state(OPEN) == "unknown", READY_S, "ready to join")
    ready_s = time.monotonic() - began
    home.until_set_up()
    assert str(control.state()["channel"]) not in wifi

    press = {"domain": "button", "service": "press", "target": {"entity_id": OPEN}}
    home.owner.command("call_service", **press)
    eventually(lambda: control.state()["is_open"], PRESS_S, "the network is open")
    eventually(lambda: home.owner.state(UNTIL) != "unknown", SHOWN_S, "until when is shown")
    control.order("add", device="meter", eui64=METER.replace(":", ""))
    began = time.monotonic()
    assert control.order("join", device="meter")
    eventually(lambda: home.owner.state(LAST) not in ("", "unknown"), VALUES_S, "it is shown")
    home.until_reported(control)

    def has_signal() -> bool:
        about = home.attributes(LAST)
        return bool(about.get("lqi")) and "power 1501.2 W" in (about.get("measures") or [])

    eventually(has_signal, SHOWN_S, "its values and its signal are shown")
    power = home.entity(POWER)
    points = home.gateway.influxdb.store.points
    eventually(lambda: bool(points(power)), VALUES_S, "the power is in the database")
    eventually(home.has_both_dashboards, VALUES_S, "the meter is in both dashboards")
    values_s = time.monotonic() - began
    assert values_s < VALUES_S

    type_in = {"domain": "text", "service": "set_value", "target": {"entity_id": NAME}}
    home.owner.command("call_service", **type_in, service_data={"value": TYPED})
    eventually(lambda: home.owner.state(LAST) == TYPED, SHOWN_S, "it has its name")
    names = [one["name_by_user"] for one in home.owner.command("config/device_registry/list")]
    assert TYPED in names
    assert str(home.attributes(power)["friendly_name"]).startswith(TYPED)

    # Joining ends with hems, and does not begin again with it.
    home.gateway.stop("hems")
    eventually(lambda: not control.state()["is_open"], 40, "the network is closed")
    home.gateway.start("hems")
    home.gateway.hems.until_settled()
    eventually(lambda: home.owner.state(UNTIL) == "unknown", SHOWN_S, "joining is closed")
    assert home.owner.state(LAST) == TYPED
    assert not control.state()["is_open"]
    with capsys.disabled():
        print(f"\nplugged in to ready: {ready_s:.1f} s; joined to stored: {values_s:.1f} s")  # noqa: T201


def test_an_operator_lets_a_meter_join_although_the_stick_was_away_once(home: ZigbeeHome) -> None:
    control, stick = home.stick(OWN, "other")
    home.usb.plug_in(stick)
    home.power_on()
    home.until_set_up()
    eventually(lambda: home.owner.state(OPEN) == "unknown", READY_S, "ready to join")

    # A stick that is unplugged meanwhile ends joining, for both.
    press = {"domain": "button", "service": "press", "target": {"entity_id": OPEN}}
    home.owner.command("call_service", **press)
    eventually(lambda: home.owner.state(UNTIL) != "unknown", SHOWN_S, "until when is shown")
    end = home.gateway.hems.begun("hems.zigbee", "join", "--name", TYPED)
    eventually(lambda: OPENED in home.gateway.hems.output(), PRESS_S + SHOWN_S, "it is open")
    control.order("unplug")
    home.usb.unplug(stick)
    status, said = end()
    assert (status, said.count("the Zigbee network does not work")) == (1, 1), said
    eventually(lambda: home.owner.state(UNTIL) == "unknown", ENDED_S, "joining has ended")
    assert home.attributes(UNTIL)["failure"] == "no_zigbee_network"
    control.order("plug_in")
    home.usb.plug_in(stick)
    home.until_loaded()

    control.order("add", device="meter", eui64=METER.replace(":", ""))
    end = home.gateway.hems.begun("hems.zigbee", "join", "--name", TYPED)
    eventually(lambda: control.state()["is_open"], PRESS_S + SHOWN_S, "the network is open")
    assert control.order("join", device="meter")
    status, said = end()
    assert (status, f"its name is {TYPED}" in said) == (0, True), said
    assert not control.state()["is_open"]
    home.owner.command("call_service", **press)
    eventually(lambda: control.state()["is_open"], PRESS_S, "the network is open")
    eventually(lambda: home.attributes(UNTIL)["failure"] is None, SHOWN_S, "it has worked")
