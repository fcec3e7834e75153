"""A home with Zigbee meters: sticks for its USB ports, and what Home Assistant knows of them."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hems.protocols.home_assistant import gateway_page, home_page
from hems.protocols.home_assistant.zigbee_stick_finder import SerialPort, trouble
from hems.supervision.worker.problem import ProblemKind
from hems.workers.provision.home_assistant.zigbee_silence_limit import MAINS, SECTION
from tests.e2e.gateway import Gateway
from tests.e2e.usb_stick import UsbStick
from tests.e2e.visitor import Visitor
from tests.integration.worker_process import eventually
from tests.integration.zigbee import StickControl, simulated_stick

SET_UP_S, JOIN_S, REPORT_S, BACK_S, FOUND_S = 180, 60, 60, 120, 120
METER = "00:12:4b:00:00:00:00:01"
ENERGY, POWER, VOLTAGE = "1-1794-summation_delivered", "1-2820", "1-2820-rms_voltage"
MEASURED = {"energy": 123_456, "power": 15_012, "voltage": 2312}  # Wh, 0.1 W, 0.1 V
SHOWN = {ENERGY: 123.456, POWER: 1501.2, VOLTAGE: 231.2}


class ZigbeeHome:
    """A gateway that is on, and sticks for its USB ports."""

    def __init__(self, whole: Gateway, sticks: ExitStack, directory: Path) -> None:
        self.gateway = whole
        self.usb = whole.home_assistant.usb
        self._sticks = sticks
        self._directory = directory

    def power_on(self) -> None:
        self.gateway.power_on()
        self.owner = Visitor(self.gateway.site)

    def has_started(self) -> bool:
        """Return whether Home Assistant has started again; then the owner is logged in."""
        try:
            self.owner = Visitor(self.gateway.site)
        except (AssertionError, OSError):  # it has no owner yet
            return False
        return self.owner.may("usb/list_serial_ports", include_usage=True)

    def stick(self, eui64: str, network: str) -> tuple[StickControl, UsbStick]:
        """Return a stick that is not plugged in yet; all look the same from outside."""
        directory = self._directory / eui64
        directory.mkdir()
        terminal = directory / "terminal"
        control = self._sticks.enter_context(simulated_stick(directory, terminal))
        control.order("replace", eui64=eui64, network=network)
        return control, UsbStick(terminal)

    def entry(self) -> dict[str, str]:
        """Return state and reason of ZHA's entry; empty while there is none."""
        entries = self.owner.command("config_entries/get", domain="zha")
        assert len(entries) < 2
        return {name: entries[0][name] or "" for name in ("state", "reason")} if entries else {}

    def ports(self) -> tuple[SerialPort, ...]:
        ports = self.owner.command("usb/list_serial_ports", include_usage=True)
        return msgspec.convert(ports, tuple[SerialPort, ...])

    def mains_limit(self) -> object:
        """Return after how many seconds of silence ZHA calls a mains device unavailable."""
        return self.owner.command("zha/configuration")["data"][SECTION][MAINS]

    def until_set_up(self) -> None:
        """Wait until the gateway has done all: ZHA starts again when it gets its limit."""
        self.until_loaded(SET_UP_S)
        record = self.gateway.card / "data" / "homeassistant.json"
        eventually(
            lambda: json.loads(record.read_text())["has_zigbee_limit"], BACK_S, "ZHA has its limit"
        )
        self.until_loaded()

    def until_loaded(self, within_s: float = BACK_S) -> None:
        eventually(lambda: self.entry().get("state") == "loaded", within_s, "the network is loaded")

    def until_named(self, kind: ProblemKind) -> None:
        """Wait until what Home Assistant says of its entry means a problem of this kind."""

        def is_named() -> bool:
            entry = self.entry()
            problem = trouble(entry["state"], entry["reason"], self.ports())
            return problem is not None and problem.name == kind.name

        eventually(is_named, FOUND_S, kind.title)

    def until_listed(self, kind: ProblemKind) -> None:
        """Wait until the gateway itself lists a problem of this kind."""
        listed = self.gateway.hems.problems
        eventually(lambda: (kind.name, "") in listed(), FOUND_S, f"{kind.name} is listed")

    def until_over(self, kind: ProblemKind) -> None:
        listed = self.gateway.hems.problems
        eventually(lambda: (kind.name, "") not in listed(), FOUND_S, f"{kind.name} is over")

    def backups(self) -> list[str]:
        """Return the address of the coordinator in each backup of the network."""
        backups = self.owner.command("zha/network/backups/list")
        return [one["node_info"]["ieee"].replace(":", "") for one in backups]

    def issues(self) -> list[str]:
        """Return the repairs of ZHA that wait for a person."""
        issues = self.owner.command("repairs/list_issues")["issues"]
        return [one["issue_id"] for one in issues if one["domain"] == "zha"]

    def join(self, stick: StickControl) -> None:
        """Let a meter join and measure; its values are in Home Assistant."""
        service = {"domain": "zha", "service": "permit", "service_data": {"duration": 60}}
        self.owner.command("call_service", **service)
        stick.order("add", device="meter", eui64=METER.replace(":", ""))
        assert stick.order("join", device="meter")
        eventually(lambda: self.states().keys() == SHOWN.keys(), JOIN_S, "the meter has entities")
        self.until_reported(stick)

    def entity(self, name: str) -> str:
        """Return the id of the meter's entity whose unique id ends with `name`."""
        registry = self.owner.command("config/entity_registry/list")
        [known] = [one["entity_id"] for one in registry if one["unique_id"] == f"{METER}-{name}"]
        return str(known)

    def attributes(self, entity: str) -> dict[str, Any]:
        """Return the attributes of an entity's state."""
        known = [one for one in self.owner.command("get_states") if one["entity_id"] == entity]
        return dict(known[0]["attributes"]) if known else {}

    def battery(self) -> str:
        """Return how full the only battery is (percent), empty while there is none."""
        for one in self.owner.command("get_states"):
            about = one["attributes"]
            if (about.get("device_class"), about.get("unit_of_measurement")) == ("battery", "%"):
                text = str(one["state"])
                return f"{float(text):.0f}" if text.replace(".", "").isdigit() else text
        return ""

    def has_both_dashboards(self) -> bool:
        """Return whether the energy dashboard has the meter as grid, and the pages show it."""
        energy, power = self.entity(ENERGY), self.entity(POWER)
        page, inside = (
            str(self.owner.command("lovelace/config", url_path=path))
            for path in (home_page.PATH, gateway_page.PATH)
        )
        sources = (self.owner.command("energy/get_prefs") or {}).get("energy_sources", [])
        grids = [(one["stat_energy_from"], one.get("stat_rate")) for one in sources]
        has_power = power in page or "sensor.home_power_now" in page
        return grids == [(energy, power)] and has_power and energy in inside and power in inside

    def until_reported(self, stick: StickControl) -> None:
        def is_shown() -> bool:
            stick.order("report", device="meter", values=MEASURED)
            return self.states() == pytest.approx(SHOWN)

        eventually(is_shown, REPORT_S, "the values are in Home Assistant")

    def states(self) -> dict[str, float | None]:
        """Return the meter's values by the end of their unique ids; None while unknown."""
        known = {}
        for entry in self.owner.command("config/entity_registry/list"):
            name = str(entry["unique_id"]).removeprefix(f"{METER}-")
            if entry["platform"] == "zha" and name in SHOWN:
                text = self.owner.state(entry["entity_id"])
                known[name] = float(text) if text.replace(".", "").isdigit() else None
        return known
