"""A Zigbee stick in a home, and a meter that joins: without a person but for the joining.

The right stick, plugged in at any time, is set up and comes back; a wrong one is named and keeps
what it carries.
"""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from hems.clients.home_assistant.zha_responses import (
    ZhaDevice,
)
from hems.protocols.gateway.zigbee_problem_kinds import (
    ZIGBEE_BLANK_STICK,
    ZIGBEE_NETWORK_CHOICE,
    ZIGBEE_NO_PERMISSION,
    ZIGBEE_OTHER_NETWORK,
    ZIGBEE_SEVERAL_STICKS,
    ZIGBEE_STICK_IN_USE,
    ZIGBEE_STICK_MISSING,
)
from hems.protocols.meters.meter_roles import LABELS, Role
from hems.supervision.worker.problem import ProblemKind
from hems.workers.provision.home_assistant.zigbee_silence_limit import (
    MAINS,
    OF_ZHA_S,
    SECTION,
)
from tests.e2e.gateway import gateway
from tests.e2e.usb_stick import SONOFF, UsbStick
from tests.e2e.zigbee_home import BACK_S, FOUND_S, METER, ZigbeeHome
from tests.integration.worker_process import eventually
from tests.integration.zigbee import StickControl

pytestmark = pytest.mark.e2e

DASHBOARDS_S = 90
OURS_S = 3600  # provision: silent_after_s
OWN, FOREIGN = "00124b00deadbeef", "00124b00deadbeee"
NEW, LAST = "00124b00deadbeed", "00124b00deadbeec"
CARRIED = ("eui64", "network_key")  # of a stick's memory
NETWORK = (*CARRIED, "pan_id", "extended_pan_id", "channel")


@pytest.fixture
def home(root: Path, tmp_path: Path) -> Iterator[ZigbeeHome]:
    """Yield a home that is off."""
    with ExitStack() as sticks, gateway(root, tmp_path) as whole:
        yield ZigbeeHome(whole, sticks, tmp_path)


def test_a_stick_that_carries_a_network_keeps_it(home: ZigbeeHome) -> None:
    control, stick = home.stick(OWN, "other")
    key = control.state()["network_key"]
    home.usb.plug_in(stick)
    home.power_on()
    home.until_set_up()
    assert control.state()["network_key"] == key
    assert control.state()["formed"] == 0
    [port] = home.ports()
    assert port.device == stick.by_id
    assert [user.domain for user in port.consumers] == ["zha"]
    home.join(control)
    eventually(home.has_both_dashboards, DASHBOARDS_S, "the meter is in both dashboards")
    assert home.mains_limit() == OURS_S
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


def test_a_stick_that_is_plugged_in_later_works_and_comes_back(home: ZigbeeHome) -> None:
    home.power_on()
    pid = home.gateway.home_assistant.pid
    control, stick = home.stick(OWN, "none")
    home.usb.plug_in(stick)
    home.until_set_up()
    key = control.state()["network_key"]
    assert control.state()["formed"]
    home.join(control)
    options = home.owner.command("zha/configuration")["data"]
    options[SECTION][MAINS] = OF_ZHA_S  # a person's choice, over all restarts
    home.owner.command("zha/configuration/update", data=options)
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
    assert home.mains_limit() == OF_ZHA_S


def test_another_stick_keeps_what_it_has_until_a_person_decides(home: ZigbeeHome) -> None:
    control, stick = home.stick(OWN, "other")
    home.usb.plug_in(stick)
    home.power_on()
    home.until_set_up()
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
        (ZIGBEE_OTHER_NETWORK, foreign),
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


def test_a_lost_config_volume_costs_no_meter_its_network(home: ZigbeeHome) -> None:
    control, stick = home.stick(OWN, "other")
    home.usb.plug_in(stick)
    home.power_on()
    home.until_set_up()
    home.join(control)
    kept = home.gateway.card / "data" / "zigbee_network.json"
    eventually(kept.exists, BACK_S, "the gateway has a backup")
    before = control.state()
    for _ in range(2):
        home.gateway.stop("homeassistant")
        for one in home.gateway.home_assistant.config.iterdir():
            shutil.rmtree(one) if one.is_dir() else one.unlink()
        home.gateway.start("homeassistant")
        home.gateway.home_assistant.wait()
        eventually(home.has_started, BACK_S, "Home Assistant has started")
        home.until_loaded()
        after = control.state()
        assert [after[one] for one in NETWORK] == [before[one] for one in NETWORK]
        home.until_reported(control)  # the meter need not join again


@pytest.mark.parametrize("lost", ["zigbee.db*", "*"], ids=["database", "config-volume"])
def test_the_network_survives_the_loss_of_the_stick_and_of_home_assistants_backup(
    home: ZigbeeHome, lost: str
) -> None:
    control, stick = home.stick(OWN, "other")
    home.usb.plug_in(stick)
    home.power_on()
    home.until_set_up()
    home.join(control)
    before, kept = control.state(), home.gateway.card / "data" / "zigbee_network.json"
    eventually(kept.exists, BACK_S, "the gateway has a backup")
    assert kept.stat().st_mode & 0o777 == 0o600
    key = str(before["network_key"])
    shown = ":".join(key[at : at + 2] for at in range(0, len(key), 2))
    assert shown in kept.read_text().lower()

    # The same stick's port and radio, so that the meter hears the new one.
    home.gateway.stop("homeassistant")
    for one in home.gateway.home_assistant.config.glob(lost):
        shutil.rmtree(one) if one.is_dir() else one.unlink()
    control.order("unplug")
    home.usb.unplug(stick)
    control.order("replace", eui64=NEW, network="none")
    control.order("plug_in")
    home.usb.plug_in(UsbStick(stick.terminal, 1, SONOFF | {"serial": "2"}))
    home.gateway.start("homeassistant")
    home.gateway.home_assistant.wait()
    eventually(home.has_started, BACK_S, "Home Assistant has started")
    if lost == "*":
        home.until_listed(ZIGBEE_NETWORK_CHOICE)  # a new Home Assistant does not know the stick
        assert control.state()["network_key"] is None
    else:
        home.until_named(ZIGBEE_STICK_MISSING)
    status, said = home.gateway.hems.command("hems.zigbee", "restore")
    assert status == 0, said
    home.until_loaded()
    after = control.state()
    assert [after[one] for one in NETWORK] == [before[one] for one in NETWORK]
    assert after["frame_counter"] > before["frame_counter"] + 1_000_000
    home.until_reported(control)  # the meter need not join again
    for name, text in home.gateway.logs().items():
        assert not any(one in text.lower() for one in (key, shown)), name


def test_what_keeps_a_stick_from_working_is_named(home: ZigbeeHome) -> None:
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
    home.until_set_up()
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
