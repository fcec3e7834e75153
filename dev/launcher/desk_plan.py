"""Decide what one desk consists of: its address, ports, secrets and simulated meters."""

from __future__ import annotations

import ipaddress
import os
import secrets
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from dev import ROOT
from dev.home_assistant.installation import CONFIG
from dev.launcher import mosquitto_or_embedded_broker
from dev.launcher.free_port import LOOPBACK, can_listen, free_port
from dev.launcher.simulated_home_options import FIRST_ID, DeskHome
from dev.simulator.linky_variants import KINDS
from hems.errors import ConfigError
from hems.system.network import link_state

USER = "hems"
EVERY_ADDRESS = "0.0.0.0"
PAGE_PORT = 8780
HOME_ASSISTANT_PORT, ZIGBEE_PORT, ZIGBEE_CONTROL_PORT = 8123, 6638, 6639
MQTT_PORT, DEVICE_PORT, D2L_PORT, SUPERVISOR_PORT = 1883, 1884, 7846, 48484


@dataclass(frozen=True)
class SimulatedMeter:
    """A meter and its dongle; key and iv are 32 hex digits."""

    name: str
    device_id: str
    kind: str  # of linky_variants.KINDS
    key: str = field(repr=False)
    iv: str = field(repr=False)
    is_failing: bool = False


@dataclass(frozen=True)
class Plan:
    """Everything that differs from one desk to the next.

    `mosquitto` is the program's path, None for the embedded broker; `interval_s` is the time
    between two readings of a meter; `listen` is the IPv4 address where D2L and MQTT listen.
    """

    root: Path
    run_dir: Path
    python: Path
    user: str
    mosquitto: str | None
    mqtt_port: int
    mqtt_password: str = field(repr=False)
    d2l_port: int
    supervisor_port: int
    supervisor_key: str = field(repr=False)
    meters: tuple[SimulatedMeter, ...]
    interval_s: float
    listen: str = LOOPBACK
    device_port: int = DEVICE_PORT  # of mosquitto, for the logins in MQTT_USERS
    home: DeskHome = field(default_factory=DeskHome)
    zigbee_ports: tuple[int, int] = (0, 0)  # of the simulated stick, and for orders to it
    wallbox_password: str = field(default="", repr=False)  # empty: the home has no MQTT device
    page_port: int = 0  # of the live page, on 127.0.0.1; 0: a check has none
    home_assistant_port: int = 0
    home_assistant_command: tuple[str, ...] = ()  # nothing: the desk has none

    @property
    def host(self) -> str:
        """Return the address at which this machine reaches D2L and MQTT."""
        return LOOPBACK if self.listen == EVERY_ADDRESS else self.listen

    @property
    def devices(self) -> list[str]:
        """Return id:key:iv of each simulated meter."""
        return [f"{meter.device_id}:{meter.key}:{meter.iv}" for meter in self.meters]

    @property
    def gateway_dir(self) -> Path:
        """Return the folder in place of a device's volume `gateway`."""
        return self.run_dir / "gateway"

    @property
    def home_assistant_log(self) -> Path:
        """Return the log that the LEDs show: of the desk's Home Assistant, or a person's."""
        folder = self.run_dir / CONFIG if self.home_assistant_command else self.run_dir
        return folder / "home-assistant.log"

    @property
    def log_dir(self) -> Path:
        return self.run_dir / "log"


def make_plan(  # noqa: PLR0913 - bin/up's options
    path: Path,
    meter_count: int,
    interval_s: float,
    kind: str,
    *,
    is_check: bool,
    listen: str = LOOPBACK,
    home: DeskHome | None = None,
) -> Plan:
    """Return a plan with new secrets and ports that are free now.

    A check leaves the usual ports alone, so that several can run at once. Raises
    ConfigError when mosquitto is wanted and missing, and when `listen` is no address of this
    machine.
    """
    mosquitto = (
        mosquitto_or_embedded_broker.executable()
        if kind == mosquitto_or_embedded_broker.MOSQUITTO
        else None
    )
    if kind == mosquitto_or_embedded_broker.MOSQUITTO and mosquitto is None:
        raise ConfigError("mosquitto is not installed: apt install mosquitto, or --broker embedded")
    listen = _address(listen)
    home = home or DeskHome()
    return Plan(
        root=ROOT,
        run_dir=path,
        python=Path(sys.executable),
        user=str(os.getuid()),
        mosquitto=mosquitto,
        mqtt_port=free_port(None if is_check else MQTT_PORT, listen),
        mqtt_password=secrets.token_urlsafe(16),
        supervisor_port=free_port(None if is_check else SUPERVISOR_PORT),
        supervisor_key=secrets.token_hex(16),
        d2l_port=free_port(None if is_check else D2L_PORT, listen),
        meters=simulated_meters(meter_count, home),
        interval_s=interval_s,
        listen=listen,
        device_port=free_port(None if is_check else DEVICE_PORT, listen),
        home=home,
        zigbee_ports=_zigbee_ports(is_check=is_check) if home.has_zigbee else (0, 0),
        wallbox_password=secrets.token_urlsafe(16) if home.is_whole and mosquitto else "",
        page_port=0 if is_check else free_port(PAGE_PORT),
        home_assistant_port=free_port(None if is_check else HOME_ASSISTANT_PORT),
    )


def _zigbee_ports(*, is_check: bool) -> tuple[int, int]:
    return (
        free_port(None if is_check else ZIGBEE_PORT),
        free_port(None if is_check else ZIGBEE_CONTROL_PORT),
    )


def simulated_meters(count: int, home: DeskHome | None = None) -> tuple[SimulatedMeter, ...]:
    """Return `count` meters with new keys, all kinds in turn.

    The first one is that of the home; if that is whole, the last of several fails.
    """
    home = home or DeskHome()
    kinds = tuple(KINDS)
    first, *others = (
        SimulatedMeter(
            f"meter-{number + 1}",
            f"{FIRST_ID + number:012d}",
            kinds[number % len(kinds)],
            key=secrets.token_hex(16),
            iv=secrets.token_hex(16),
        )
        for number in range(count)
    )
    if home.is_whole and others:
        others[-1] = replace(others[-1], is_failing=True)
    return (replace(first, kind=home.kind_name), *others)


def _address(listen: str) -> str:
    """Return the address of this machine that `listen` means. Raises ConfigError if none."""
    if listen == "localhost":
        return LOOPBACK
    try:
        is_usable = can_listen(str(ipaddress.IPv4Address(listen)))
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ConfigError(
            f"--listen {listen}: expected an IPv4 address of this machine "
            f"({', '.join(link_state.addresses())}), or {EVERY_ADDRESS} for all of them"
        )
    return listen
