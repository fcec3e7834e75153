"""The table of all workers: name, purpose, settings, container, and how each one is built.

The command line, the checks and the tables in the documents follow from it. A builder imports
only what its worker needs: an import costs memory in each process.
"""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from loguru import logger

from hems import peer_clients
from hems.settings import Settings
from hems.settings.balena_access import BALENA
from hems.settings.shared_secret_rules import READER_TOKEN
from hems.settings.time_zone import with_known_time_zone
from hems.settings.validation_problems import FILE, UNKNOWN, SettingsProblem
from hems.supervision.worker.notification_values import one_line
from hems.supervision.worker.notifier import SupervisorNotifier
from hems.worker_runtime import Worker

PLAIN_ID = re.compile("[A-Za-z0-9_-]{1,64}")  # for MQTT topics and entity ids
Build = Callable[[Settings, SupervisorNotifier], Worker]


@dataclass(frozen=True)
class WorkerEntry:
    """One worker.

    `settings` names the sections and secrets that it cannot do without. `container` is the
    service that it runs in.
    """

    name: str
    purpose: str
    build: Build
    settings: frozenset[str]
    container: str = "hems"

    @property
    def package(self) -> str:
        """Return the name of its package in hems.workers."""
        return self.name.replace("-", "_")

    @property
    def is_forked(self) -> bool:
        """Return whether supervisord forks it, so that it shares supervisord's memory."""
        return self.container == "hems"

    def is_stopped_by(self, problem: SettingsProblem) -> bool:
        """Return whether the worker cannot start with this mistake in the settings."""
        return not problem.instead and problem.part in self.settings | {FILE}


def eesmart_d2l(settings: Settings, notify: SupervisorNotifier) -> Worker:
    from hems.workers.eesmart_d2l import EesmartD2l  # noqa: PLC0415

    return EesmartD2l(settings, notify.beat_s)


def iptables_init(settings: Settings, notify: SupervisorNotifier) -> Worker:
    from hems.system import firewall  # noqa: PLC0415
    from hems.system.network import change_notifications, link_state  # noqa: PLC0415
    from hems.workers.iptables_init import IptablesInit, Kernel  # noqa: PLC0415

    notifications = change_notifications.Notifications()
    kernel = Kernel(
        firewall.backends(),
        notifications,
        firewall.is_forwarding,
        link_state.interface_of,
        time.sleep,
    )
    section, d2l_port = settings.iptables_init, settings.eesmart_d2l.port
    return IptablesInit(section, d2l_port, kernel, notify.beat_s)


def led(settings: Settings, _notify: SupervisorNotifier) -> Worker:
    from hems.protocols.gateway import gateway_entities  # noqa: PLC0415
    from hems.system import gpio  # noqa: PLC0415
    from hems.system.log_follower import LogFollower  # noqa: PLC0415
    from hems.system.user_command_file import CommandReader  # noqa: PLC0415
    from hems.workers.led import Lamp, Led, LedInputs  # noqa: PLC0415
    from hems.workers.led.status_probes import status_probes  # noqa: PLC0415

    section = settings.led
    header = partial(gpio.header_lamps, Lamp, section.chip_number)
    open_lamps = partial(gpio.mock_lamps, Lamp) if section.pins == "mock" else header
    log = LogFollower(Path(section.log_file))
    commands = CommandReader(Path(settings.telemetry.commands_file), {gateway_entities.BLINK})
    background = ThreadPoolExecutor(max_workers=1)
    inputs = LedInputs(log, status_probes(settings), commands)
    return Led(section, open_lamps, inputs, background)


def provision(settings: Settings, _notify: SupervisorNotifier) -> Worker:
    from hems.protocols.gateway import gateway_entities, home_entities  # noqa: PLC0415
    from hems.protocols.web.certificate_requirements import ServerNames, server_names  # noqa: PLC0415
    from hems.system import clock, serial_adapters  # noqa: PLC0415
    from hems.system.network.link_state import addresses  # noqa: PLC0415
    from hems.workers.provision import Provision  # noqa: PLC0415
    from hems.workers.provision.observations import disk_room  # noqa: PLC0415
    from hems.workers.provision.peers_and_host import Host, Peers  # noqa: PLC0415

    section = settings.provision

    def names() -> ServerNames:
        return server_names(socket.gethostname(), addresses(), settings.provision.names)

    def visitors() -> set[str]:
        own = addresses(with_tunnels=True)
        known = server_names(socket.gethostname(), own, settings.provision.names)
        others = {peer_clients.nginx_host(settings), _device_uuid()} - {""}
        return {*known.dns, *known.addresses, *others}

    known = with_known_time_zone(settings, clock.is_time_zone)  # the database costs memory
    for problem in known.problems[len(settings.problems) :]:
        logger.warning("ignored: {}", problem.line)
    software_at = Path(__file__).stat().st_mtime
    log = Path(settings.led.log_file)
    device = gateway_entities.device(_identity(), "")
    device = replace(device, language=settings.home_assistant.language)
    host = Host(
        socket.gethostname(),
        names,
        software_at,
        sets_owner=os.geteuid() == 0,
        announced_as=(device.node, home_entities.device(_identity(), "").node),
        home_assistant_folder=log.parent if log.parent.is_dir() else None,
        visitor_names=visitors,
        disk=disk_room.of_volumes(section.data_directory, section.gateway_directory),
        serial_adapters=serial_adapters.plugged_in,
        device=device,
    )
    peers = Peers(
        peer_clients.balena_supervisor(settings),
        peer_clients.influxdb(settings),
        peer_clients.home_assistant(settings),
        peer_clients.nginx(settings),
    )
    return Provision(known, peers, host, list(_unreported(known)))


def _unreported(settings: Settings) -> Iterator[SettingsProblem]:
    """Yield each mistake in the settings that does not make a unit of this container fail."""
    units = [entry for entry in TABLE if entry.container == "hems"]
    for problem in settings.problems:
        if problem.part != UNKNOWN and not any(unit.is_stopped_by(problem) for unit in units):
            yield problem


def telemetry(settings: Settings, notify: SupervisorNotifier) -> Worker:
    from hems.clients.home_assistant.refresh_token_login import RefreshTokenLogin  # noqa: PLC0415
    from hems.system import files  # noqa: PLC0415
    from hems.workers.telemetry import Telemetry  # noqa: PLC0415
    from hems.workers.telemetry.energy_summary import EnergySummary  # noqa: PLC0415
    from hems.workers.telemetry.state_sources import StateReader, sources  # noqa: PLC0415

    identity = _identity()
    client = peer_clients.home_assistant(settings)

    def token() -> str:
        """Return what provision has written, which may change."""
        content = files.content(settings.provision.secrets_directory / READER_TOKEN) or b""
        return content.decode("ascii", "replace").strip()

    open_session = RefreshTokenLogin(client, token).session if client else None
    home = EnergySummary(settings, open_session, identity)
    os_version = one_line(os.environ.get("BALENA_HOST_OS_VERSION", ""))
    reader = StateReader(sources(settings), os_version)
    return Telemetry(settings, reader, home, identity, notify.beat_s)


def _identity() -> str:
    """Return what identifies this gateway for ever."""
    from hems.system.machine_id import identity  # noqa: PLC0415

    return _device_uuid() or identity()


def _device_uuid() -> str:
    """Return balena's UUID of this device, empty without one."""
    uuid = os.environ.get("BALENA_DEVICE_UUID", "")
    return uuid if PLAIN_ID.fullmatch(uuid) else ""


def watchdog(settings: Settings, _notify: SupervisorNotifier) -> Worker:
    from hems.workers.watchdog import Watchdog  # noqa: PLC0415

    return Watchdog(settings, peer_clients.balena_supervisor(settings))


def wifi_connect(settings: Settings, _notify: SupervisorNotifier) -> Worker:
    from hems.settings import shared_secret_rules  # noqa: PLC0415
    from hems.settings.read_secrets import PORTAL  # noqa: PLC0415
    from hems.system import files  # noqa: PLC0415
    from hems.system.network.captive_portal import CaptivePortal  # noqa: PLC0415
    from hems.system.network.network_manager import NetworkManager  # noqa: PLC0415
    from hems.workers.wifi_connect import WifiConnect  # noqa: PLC0415
    from hems.workers.wifi_connect.kept_networks import KeptNetworksFile  # noqa: PLC0415

    section = settings.wifi_connect
    bus = Path(section.bus)
    name = one_line(os.environ.get("BALENA_DEVICE_NAME_AT_INIT", "")) or socket.gethostname()
    ssid = section.network_name(name)
    created = settings.provision.secrets_directory

    def passphrase() -> str:
        """Return the variable's or the generated value, which may appear later."""
        return settings.secrets.wifi_portal_passphrase or shared_secret_rules.stored(
            created, PORTAL
        )

    portal = CaptivePortal(Path(section.directory), bus, ssid, section.port, passphrase)
    heartbeat = Path(section.heartbeat)
    heartbeat.parent.mkdir(parents=True, exist_ok=True)

    def beat(now: float) -> None:
        files.replace(heartbeat, str(now).encode())

    kept = KeptNetworksFile(Path(section.kept_networks_file))
    return WifiConnect(section, NetworkManager(bus), portal, kept, beat)


TABLE = (
    WorkerEntry(
        "eesmart-d2l",
        "reads Linky meters through eeSmart D2L dongles and publishes their readings to MQTT",
        eesmart_d2l,
        frozenset({"eesmart_d2l", "mqtt", "D2L_DEVICES"}),
    ),
    WorkerEntry(
        "watchdog",
        "checks the internet and the services, and has balena repair what stays broken",
        watchdog,
        frozenset({"watchdog", "services", BALENA}),
    ),
    WorkerEntry(
        "led",
        "shows on LEDs the state of Home Assistant and the internet, and when a person has to act",
        led,
        frozenset({"led"}),
    ),
    WorkerEntry(
        "iptables-init",
        "keeps the firewall rules of the containers' network",
        iptables_init,
        frozenset({"iptables_init"}),
    ),
    WorkerEntry(
        "provision",
        "creates passwords and certificates, and sets up InfluxDB and Home Assistant",
        provision,
        frozenset({"provision", "home_assistant", "influxdb", "mqtt"}),
    ),
    WorkerEntry(
        "telemetry",
        "publishes the gateway and the home as devices in Home Assistant",
        telemetry,
        frozenset({"telemetry", "mqtt"}),
    ),
    WorkerEntry(
        "wifi-connect",
        "opens a Wi-Fi portal while the gateway has no network connection",
        wifi_connect,
        frozenset({"wifi_connect", "WIFI_PORTAL_PASSPHRASE"}),
        container="wifi-connect",
    ),
)
WORKERS: Mapping[str, WorkerEntry] = MappingProxyType({entry.name: entry for entry in TABLE})
