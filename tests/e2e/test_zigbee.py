"""A Zigbee stick in a new home, and a meter that joins: without a person but for the joining."""

from __future__ import annotations

from pathlib import Path

import pytest

from hems.protocols.home_assistant import smartcore_dashboard
from hems.protocols.meters.meter_roles import LABELS, Role
from tests.e2e.gateway import gateway
from tests.e2e.usb_stick import BY_ID
from tests.e2e.visitor import Visitor
from tests.integration.worker_process import eventually
from tests.integration.zigbee import StickControl, simulated_stick

pytestmark = pytest.mark.e2e

SET_UP_S, JOIN_S, REPORT_S, DASHBOARDS_S = 180, 60, 60, 90
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


def entity(owner: Visitor, name: str) -> str:
    """Return the id of the meter's entity whose unique id ends with `name`."""
    registry = owner.command("config/entity_registry/list")
    [known] = [one["entity_id"] for one in registry if one["unique_id"] == f"{METER}-{name}"]
    return str(known)


def is_in_both_dashboards(owner: Visitor) -> bool:
    energy, power = entity(owner, ENERGY), entity(owner, POWER)
    page = owner.command("lovelace/config", url_path=smartcore_dashboard.PATH)
    sources = (owner.command("energy/get_prefs") or {}).get("energy_sources", [])
    grids = [(one["stat_energy_from"], one.get("stat_rate")) for one in sources]
    return grids == [(energy, power)] and energy in str(page) and power in str(page)


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
        eventually(lambda: is_in_both_dashboards(owner), DASHBOARDS_S, "it is in both dashboards")
        [device] = [
            one
            for one in owner.command("config/device_registry/list")
            if ["zha", METER] in one["identifiers"]
        ]
        assert device["labels"] == [Role.GRID]
        labels = owner.command("config/label_registry/list")
        assert {one["label_id"]: one["name"] for one in labels} == {
            role.value: LABELS[role].names["fr"] for role in Role
        }
