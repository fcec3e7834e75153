"""Each worker, built from its settings and real adapters: the one list of them.

A builder imports what its worker needs and no other does.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from hems.errors import ConfigError
from hems.runtime import Worker
from hems.settings import Settings
from hems.settings.logins import Secret
from hems.settings.secrets import BALENA
from hems.system.notify import SystemdNotifier

if TYPE_CHECKING:
    from hems.clients.balena import BalenaSupervisor
    from hems.clients.homeassistant import HomeAssistant
    from hems.clients.influxdb import Influxdb

Build = Callable[[Settings, SystemdNotifier], Worker]


def eesmart_d2l(settings: Settings, notify: SystemdNotifier) -> Worker:
    from hems.workers.eesmart_d2l import EesmartD2l  # noqa: PLC0415 - each process pays for its own

    return EesmartD2l(settings, notify.beat_s)


def iptables_init(settings: Settings, notify: SystemdNotifier) -> Worker:
    from hems.system import netfilter, netlink  # noqa: PLC0415
    from hems.workers.iptables_init import IptablesInit  # noqa: PLC0415

    own = settings.iptables_init
    backends = netfilter.backends()
    notifications = netlink.Notifications()
    return IptablesInit(own, backends, notifications, netfilter.is_forwarding, notify.beat_s)


def led(settings: Settings, _notify: SystemdNotifier) -> Worker:
    from hems.system import gpio  # noqa: PLC0415
    from hems.system.log_follower import LogFollower  # noqa: PLC0415
    from hems.workers.led import Lamp, Led  # noqa: PLC0415
    from hems.workers.led.probes import peers  # noqa: PLC0415

    own = settings.led
    header = partial(gpio.header_lamps, Lamp, own.chip_number)
    open_lamps = partial(gpio.mock_lamps, Lamp) if own.pins == "mock" else header
    log = LogFollower(Path(own.log_file))
    return Led(own, open_lamps, log, peers(settings), ThreadPoolExecutor(max_workers=1))


def provision(settings: Settings, _notify: SystemdNotifier) -> Worker:
    from hems.protocols.server_names import ServerNames, server_names  # noqa: PLC0415
    from hems.system import time_zone  # noqa: PLC0415
    from hems.system.links import addresses  # noqa: PLC0415
    from hems.workers.provision import Provision  # noqa: PLC0415
    from hems.workers.provision.machine import Machine  # noqa: PLC0415
    from hems.workers.provision.peers import Peers  # noqa: PLC0415

    def names() -> ServerNames:
        return server_names(socket.gethostname(), addresses(), settings.provision.names)

    zone = settings.home_assistant.time_zone
    if not time_zone.is_known(zone):  # only here, as the database would cost the others memory
        expected = "a name of the tz database such as Europe/Paris"
        raise ConfigError(f"[home_assistant] time_zone: {zone!r}, expected {expected}")
    made_at = Path(__file__).stat().st_mtime
    machine = Machine(socket.gethostname(), names, made_at)
    peers = Peers(balena_supervisor(settings), influxdb(settings), home_assistant(settings))
    return Provision(settings, peers, machine, sets_owner=os.geteuid() == 0)


def telemetry(settings: Settings, notify: SystemdNotifier) -> Worker:
    from hems.system.machine import identity  # noqa: PLC0415
    from hems.workers.telemetry import Telemetry  # noqa: PLC0415
    from hems.workers.telemetry.sources import sources  # noqa: PLC0415

    gateway = os.environ.get("BALENA_DEVICE_UUID") or identity()
    os_version = os.environ.get("BALENA_HOST_OS_VERSION", "")
    return Telemetry(settings, sources(settings), gateway, os_version, notify.beat_s)


def watchdog(settings: Settings, _notify: SystemdNotifier) -> Worker:
    from hems.workers.watchdog import Watchdog  # noqa: PLC0415

    return Watchdog(settings, balena_supervisor(settings))


def balena_supervisor(settings: Settings) -> BalenaSupervisor | None:
    """Return this device's Supervisor, None away from balena."""
    from hems.clients.balena import Access, BalenaSupervisor  # noqa: PLC0415

    balena, patience = settings.secrets.balena, settings.watchdog
    if balena is None:
        return None
    return BalenaSupervisor(
        Access(
            balena.address,
            balena.api_key,
            balena.app_id,
            balena.app_name,
            patience.supervisor_timeout_s,
            patience.action_timeout_s,
        )
    )


def influxdb(settings: Settings) -> Callable[[str], Influxdb] | None:
    """Return what connects to InfluxDB with a token, None where there is none."""
    from hems.clients.influxdb import Influxdb  # noqa: PLC0415

    own = settings.influxdb
    if not own.host:
        return None
    return lambda token: Influxdb((own.host, own.port), token, own.timeout_s)


def home_assistant(settings: Settings) -> HomeAssistant | None:
    """Return the fleet's Home Assistant, None where nobody is to touch it."""
    from hems.clients.homeassistant import HomeAssistant  # noqa: PLC0415

    own = settings.home_assistant
    return HomeAssistant((own.host, own.port), own.timeout_s) if own.host else None


def wifi_connect(settings: Settings, _notify: SystemdNotifier) -> Worker:
    from hems.system import files  # noqa: PLC0415
    from hems.system.captive_portal import CaptivePortal  # noqa: PLC0415
    from hems.system.network_manager import NetworkManager  # noqa: PLC0415
    from hems.workers.wifi_connect import WifiConnect  # noqa: PLC0415

    own = settings.wifi_connect
    bus = Path(own.bus)
    ssid = own.network_name(os.environ.get("BALENA_DEVICE_NAME_AT_INIT") or socket.gethostname())
    passphrase = settings.secrets.wifi_portal_passphrase
    portal = CaptivePortal(Path(own.directory), bus, ssid, own.port, passphrase)
    heartbeat = Path(own.heartbeat)
    heartbeat.parent.mkdir(parents=True, exist_ok=True)

    def beat(now: float) -> None:
        files.replace(heartbeat, str(now).encode())

    return WifiConnect(own, NetworkManager(bus), portal, beat)


WORKERS: dict[str, Build] = {
    "eesmart-d2l": eesmart_d2l,
    "iptables-init": iptables_init,
    "led": led,
    "provision": provision,
    "telemetry": telemetry,
    "watchdog": watchdog,
    "wifi-connect": wifi_connect,
}
LOGIN = {Secret.MQTT_USER, Secret.MQTT_PASSWORD}
# The parts of the settings that each worker stands on: with a mistake in one of them it does not
# start. What it reads beside them has defaults to go on with.
OWN: Mapping[str, Set[str]] = MappingProxyType(
    {
        "eesmart-d2l": frozenset({"eesmart_d2l", "mqtt", "D2L_DEVICES", *LOGIN}),
        "iptables-init": frozenset({"iptables_init"}),
        "led": frozenset({"led"}),
        "provision": frozenset(
            {"provision", "home_assistant", "influxdb", "mqtt", "mqtt_bridge"}
            | {"MQTT_USERS", "MQTT_BRIDGE", BALENA, *Secret}
        ),
        "telemetry": frozenset({"telemetry", "mqtt", *LOGIN}),
        "watchdog": frozenset({"watchdog", "services", BALENA}),
        "wifi-connect": frozenset({"wifi_connect", "WIFI_PORTAL_PASSPHRASE"}),
    }
)
