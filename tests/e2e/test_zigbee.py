"""A Zigbee stick in a home, and a meter that joins: without a person but for the joining.

The right stick, plugged in at any time, is set up and comes back; a wrong one is named and keeps
what it carries.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from hems.clients.home_assistant.responses import ZhaDevice
from hems.protocols.gateway.problem_kinds import (
    ZIGBEE_BLANK_STICK,
    ZIGBEE_NO_PERMISSION,
    ZIGBEE_OTHER_NETWORK,
    ZIGBEE_SEVERAL_STICKS,
    ZIGBEE_STICK_IN_USE,
    ZIGBEE_STICK_MISSING,
)
from hems.protocols.home_assistant import smartcore_dashboard
from hems.protocols.home_assistant.zigbee_sticks import SerialPort, trouble
from hems.protocols.meters.meter_roles import LABELS, Role
from hems.supervision.worker.problem import ProblemKind
from tests.e2e.gateway import Gateway, gateway
from tests.e2e.usb_stick import SONOFF, UsbStick
from tests.e2e.visitor import Visitor
from tests.integration.worker_process import eventually
from tests.integration.zigbee import StickControl, simulated_stick

pytestmark = pytest.mark.e2e

SET_UP_S, JOIN_S, REPORT_S, BACK_S, FOUND_S, DASHBOARDS_S = 180, 60, 60, 120, 120, 90
OWN, FOREIGN = "00124b00deadbeef", "00124b00deadbeee"
NEW, LAST = "00124b00deadbeed", "00124b00deadbeec"
CARRIED = ("eui64", "network_key")  # of a stick's memory
METER = "00:12:4b:00:00:00:00:01"
ENERGY, POWER, VOLTAGE = "1-1794-summation_delivered", "1-2820", "1-2820-rms_voltage"
MEASURED = {"energy": 123_456, "power": 15_012, "voltage": 2312}  # Wh, 0.1 W, 0.1 V
SHOWN = {ENERGY: 123.456, POWER: 1501.2, VOLTAGE: 231.2}


class Home:
    """A gateway that is on, and sticks for its USB ports."""

    def __init__(self, whole: Gateway, sticks: ExitStack, directory: Path) -> None:
        self.gateway = whole
        self.usb = whole.home_assistant.usb
        self._sticks = sticks
        self._directory = directory

    def power_on(self) -> None:
        self.gateway.power_on()
        self.owner = Visitor(self.gateway.site)

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

    def has_both_dashboards(self) -> bool:
        """Return whether the energy dashboard has the meter as grid, and the page shows it."""
        energy, power = self.entity(ENERGY), self.entity(POWER)
        page = str(self.owner.command("lovelace/config", url_path=smartcore_dashboard.PATH))
        sources = (self.owner.command("energy/get_prefs") or {}).get("energy_sources", [])
        grids = [(one["stat_energy_from"], one.get("stat_rate")) for one in sources]
        return grids == [(energy, power)] and energy in page and power in page

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


@pytest.fixture
def home(root: Path, tmp_path: Path) -> Iterator[Home]:
    """Yield a home that is off."""
    with ExitStack() as sticks, gateway(root, tmp_path) as whole:
        yield Home(whole, sticks, tmp_path)


def test_a_stick_that_carries_a_network_keeps_it(home: Home) -> None:
    control, stick = home.stick(OWN, "other")
    key = control.state()["network_key"]
    home.usb.plug_in(stick)
    home.power_on()
    home.until_loaded(SET_UP_S)
    assert control.state()["network_key"] == key
    assert control.state()["formed"] == 0
    [port] = home.ports()
    assert port.device == stick.by_id
    assert [user.domain for user in port.consumers] == ["zha"]
    home.join(control)
    eventually(home.has_both_dashboards, DASHBOARDS_S, "the meter is in both dashboards")
    devices = home.owner.command("config/device_registry/list")
    [device] = [one for one in devices if ["zha", METER] in one["identifiers"]]
    assert device["labels"] == [Role.GRID]
    listed = msgspec.convert(home.owner.command("zha/devices"), list[ZhaDevice], strict=False)
    [seen] = [one.last_seen for one in listed if one.device_reg_id == device["id"]]
    assert seen is not None
    assert 0 <= time.time() - seen.timestamp() < DASHBOARDS_S
    labels = home.owner.command("config/label_registry/list")
    assert {one["label_id"]: one["name"] for one in labels} == {
        role.value: LABELS[role].names["fr"] for role in Role
    }


def test_a_stick_that_is_plugged_in_later_works_and_comes_back(home: Home) -> None:
    home.power_on()
    pid = home.gateway.home_assistant.pid
    control, stick = home.stick(OWN, "none")
    home.usb.plug_in(stick)
    home.until_loaded(SET_UP_S)
    key = control.state()["network_key"]
    assert control.state()["formed"]
    home.join(control)
    for tty in (0, 1):  # the kernel gives it the same number, and another one
        control.order("unplug")
        home.usb.unplug(stick)
        home.until_named(ZIGBEE_STICK_MISSING)
        control.order("plug_in")
        stick = UsbStick(stick.terminal, tty)
        home.usb.plug_in(stick)
        home.until_loaded()
        home.until_reported(control)  # the meter need not join again
    assert control.state()["network_key"] == key
    assert home.gateway.home_assistant.pid == pid


def test_another_stick_keeps_what_it_has_until_a_person_decides(home: Home) -> None:
    control, stick = home.stick(OWN, "other")
    home.usb.plug_in(stick)
    home.power_on()
    home.until_loaded(SET_UP_S)
    eventually(lambda: home.backups() == [OWN], BACK_S, "ZHA has a backup of the network")
    key = control.state()["network_key"]
    foreign, blank = home.stick(FOREIGN, "other"), home.stick(NEW, "none")

    def swap(kind: ProblemKind, wrong_control: StickControl, wrong: UsbStick) -> None:
        before = wrong_control.state()
        control.order("unplug")
        home.usb.unplug(stick)
        home.usb.plug_in(wrong)
        home.until_listed(kind)
        eventually(lambda: home.entry()["state"] == "setup_error", FOUND_S, "no second try")
        assert home.issues() == ["inconsistent_network_settings"]
        after = wrong_control.state()
        assert [after[one] for one in CARRIED] == [before[one] for one in CARRIED]

    for kind, (wrong_control, wrong) in (
        (ZIGBEE_OTHER_NETWORK, foreign),
        (ZIGBEE_BLANK_STICK, blank),
    ):
        swap(kind, wrong_control, wrong)
        home.usb.unplug(wrong)
        control.order("plug_in")
        home.usb.plug_in(stick)
        home.until_loaded()
        home.until_over(kind)
        assert home.issues() == []
    swap(ZIGBEE_BLANK_STICK, *blank)
    home.owner.repair("zha", home.issues()[0], "restore_old_settings")
    home.until_loaded()
    taken_over = blank[0].state()
    assert (taken_over["eui64"], taken_over["network_key"]) == (OWN, key)
    home.join(blank[0])

    # A replacement with a number of its own has another path: the operator moves the network there.
    last_control, last = home.stick(LAST, "none")
    last = UsbStick(last.terminal, 1, SONOFF | {"serial": "2"})
    works, said = home.gateway.hems.command("hems.zigbee", "restore")
    assert (works, "nothing was done" in said) == (1, True)
    blank[0].order("unplug")
    home.usb.unplug(blank[1])
    home.usb.plug_in(last)
    home.until_named(ZIGBEE_STICK_MISSING)
    assert home.gateway.hems.command("hems.zigbee", "restore")[0] == 0
    home.until_loaded()
    moved = last_control.state()
    assert (moved["eui64"], moved["network_key"]) == (OWN, key)
    assert [port.device for port in home.ports() if port.consumers] == [last.by_id]


def test_what_keeps_a_stick_from_working_is_named(home: Home) -> None:
    control, stick = home.stick(OWN, "other")
    other_control, other = home.stick(FOREIGN, "other")
    other = UsbStick(other.terminal, 1, SONOFF | {"serial": "2"})
    keys = [one.state()["network_key"] for one in (control, other_control)]
    for one in (stick, other):
        home.usb.plug_in(one)
    home.power_on()
    home.until_listed(ZIGBEE_SEVERAL_STICKS)
    assert home.entry() == {}
    home.usb.unplug(other)
    home.until_loaded(SET_UP_S)
    assert [one.state()["network_key"] for one in (control, other_control)] == keys

    def unplug() -> None:
        control.order("unplug")
        home.usb.unplug(stick)
        home.until_named(ZIGBEE_STICK_MISSING)
        control.order("plug_in")

    unplug()
    home.usb.plug_in(stick, "nodev")  # what the engine does not allow a container to open
    home.until_named(ZIGBEE_NO_PERMISSION)
    unplug()
    with stick.terminal.open("r+b", buffering=0) as another:
        fcntl.flock(another, fcntl.LOCK_EX)
        home.usb.plug_in(stick)
        home.until_named(ZIGBEE_STICK_IN_USE)
    home.until_loaded()
