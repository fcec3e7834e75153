"""A Zigbee stick in a new home, and a meter that joins: without a person but for the joining."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.gateway import gateway
from tests.e2e.usb_stick import BY_ID
from tests.e2e.visitor import Visitor
from tests.integration.worker_process import eventually
from tests.integration.zigbee import StickControl, simulated_stick

pytestmark = pytest.mark.e2e

SET_UP_S, JOIN_S, REPORT_S = 180, 60, 60
METER = "00:12:4b:00:00:00:00:01"
ENERGY, POWER, VOLTAGE = "1-1794-summation_delivered", "1-2820", "1-2820-rms_voltage"
MEASURED = {"energy": 123_456, "power": 15_012, "voltage": 2312}  # Wh, 0.1 W, 0.1 V
SHOWN = {ENERGY: 123.456, POWER: 1501.2, VOLTAGE: 231.2}


def states(owner: Visitor) -> dict[str, float | None]:
    """Return the meter's values by the end of their unique ids; None while they are unknown."""
    known = {}
    for entry in owner.command("config/entity_registry/list"):
        name = str(entry["unique_id"]).removeprefix(f"{METER}-")
        if entry["platform"] == "zha" and name in SHOWN:
            text = owner.state(entry["entity_id"])
            known[name] = float(text) if text.replace(".", "").isdigit() else None
    return known


def network_is_loaded(owner: Visitor) -> bool:
    entries = owner.command("config_entries/get", domain="zha")
    return [entry["state"] for entry in entries] == ["loaded"]


def joins_and_reports(owner: Visitor, stick: StickControl) -> None:
    """Let a meter join and measure; its values are in Home Assistant."""
    service = {"domain": "zha", "service": "permit", "service_data": {"duration": 60}}
    owner.command("call_service", **service)
    stick.order("add", device="meter", eui64=METER.replace(":", ""))
    assert stick.order("join", device="meter")
    eventually(lambda: states(owner).keys() == SHOWN.keys(), JOIN_S, "the meter has entities")

    def is_shown() -> bool:
        stick.order("report", device="meter", values=MEASURED)
        return states(owner) == pytest.approx(SHOWN)

    eventually(is_shown, REPORT_S, "the values are in Home Assistant")


def test_a_stick_that_carries_a_network_keeps_it(root: Path, tmp_path: Path) -> None:
    terminal = tmp_path / "terminal"
    with simulated_stick(tmp_path, terminal) as stick, gateway(root, tmp_path) as home:
        stick.order("replace", eui64="00124b00deadbeef", network="other")
        key = stick.state()["network_key"]
        home.home_assistant.usb.plug_in(terminal)
        home.power_on()
        owner = Visitor(home.site)
        eventually(lambda: network_is_loaded(owner), SET_UP_S, "the network is loaded")
        assert stick.state()["network_key"] == key
        assert stick.state()["formed"] == 0
        [port] = owner.command("usb/list_serial_ports", include_usage=True)
        assert port["device"] == f"/dev/serial/by-id/{BY_ID}"
        assert [user["domain"] for user in port["consumers"]] == ["zha"]
        joins_and_reports(owner, stick)
