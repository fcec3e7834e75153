"""python -m hems WORKER: settings → adapters → run → exit code."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import pkgutil
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from hems import system, workers
from hems.errors import ConfigError
from hems.runtime import Context, SignalStop, Worker, run
from hems.settings import Settings
from hems.settings.load import load
from hems.system import logs
from hems.system.clock import SystemClock
from hems.system.notify import SystemdNotifier

if TYPE_CHECKING:
    from hems.clients.balena import BalenaSupervisor
    from hems.clients.homeassistant import HomeAssistant
    from hems.clients.influxdb import Influxdb

DEFAULT_CONFIG = "/etc/hems/hems.toml"
RESTART_S = 300.0
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
    from hems.system.links import addresses  # noqa: PLC0415
    from hems.workers.provision import Provision  # noqa: PLC0415
    from hems.workers.provision.machine import Machine  # noqa: PLC0415
    from hems.workers.provision.peers import Peers  # noqa: PLC0415

    def names() -> ServerNames:
        return server_names(socket.gethostname(), addresses(), settings.provision.names)

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
    return WifiConnect(own, NetworkManager(bus), portal, lambda now: heartbeat.write_text(str(now)))


WORKERS: dict[str, Build] = {
    "eesmart-d2l": eesmart_d2l,
    "iptables-init": iptables_init,
    "led": led,
    "provision": provision,
    "telemetry": telemetry,
    "watchdog": watchdog,
    "wifi-connect": wifi_connect,
}


def preload() -> None:
    """Import what the workers import: for supervisord, which is forked into them.

    What cannot be imported is another container's, or its worker says so itself.
    """
    for package in (workers, system):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)


def main() -> int:
    """Run the worker that the command line names."""
    names = sys.argv[1:]
    if len(names) != 1 or names[0] not in WORKERS:  # argparse would be a megabyte of each worker
        known = ", ".join(sorted(WORKERS))
        sys.stderr.write(f"found {names}, expected python -m hems WORKER: one of {known}\n")
        return os.EX_USAGE
    return start(names[0], WORKERS[names[0]])


def start(name: str, build: Build) -> int:
    """Run what `build` returns, under `name`, to its end and return the exit code."""
    faulthandler.enable()  # SIGABRT from the supervisor prints where a hung worker stands
    logs.to_stderr(name)
    stop = SignalStop()
    notify = SystemdNotifier(
        os.environ.get("NOTIFY_SOCKET"), int(os.environ.get("WATCHDOG_USEC", "0"))
    )
    try:
        settings = load(Path(os.environ.get("HEMS_CONFIG", DEFAULT_CONFIG)), os.environ)
        worker = build(settings, notify)
    except ConfigError as error:
        logger.error("{}", error)
        notify.status(str(error))  # for `supervisorctl health`
        return error.exit_code
    log = settings.logs
    logs.to_stderr(name, log.level)
    logs.to_file(Path(log.directory, f"{name}.log"), log.level, log.max_bytes, log.files)
    return run(worker, Context(SystemClock(), stop, notify))


if __name__ == "__main__":
    sys.exit(main())
