"""What provision finds around it: its peers on the network, and the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hems.clients.balena.supervisor_api import BalenaSupervisor
from hems.clients.home_assistant.auth_api import HomeAssistant
from hems.clients.http import HttpClient
from hems.protocols.home_assistant.mqtt_discovery import DiscoveryDevice
from hems.protocols.web.certificate_requirements import ServerNames
from hems.workers.provision.influxdb.setup import Connect
from hems.workers.provision.observations.disk_room import DiskRoom


@dataclass(frozen=True)
class Peers:
    """The peers on the network; None if there is none, or if provision must leave it alone."""

    supervisor: BalenaSupervisor | None = None
    influxdb: Connect | None = None
    home_assistant: HomeAssistant | None = None
    nginx: HttpClient | None = None


@dataclass(frozen=True)
class Host:
    """The machine: its host name, all its current names, and the unix time (s) of this software.

    `sets_owner` is whether provision may give files to other users, as only root can.
    `announced_as` are the ids under which workers announce this gateway and the home;
    `device` is the whole device but for its version, None if provision announces nothing itself.
    `home_assistant_folder` is Home Assistant's configuration, None if provision cannot see it.
    `visitor_names` returns every name and address by which a visitor may ask for the gateway.
    `disk` is the one that has all volumes.
    `serial_adapters` returns what identifies each USB serial adapter since it was plugged in.
    """

    name: str
    names: Callable[[], ServerNames]
    software_at: float
    sets_owner: bool
    announced_as: tuple[str, ...]
    home_assistant_folder: Path | None = None
    visitor_names: Callable[[], Iterable[str]] = tuple
    disk: DiskRoom | None = None
    serial_adapters: Callable[[], Sequence[tuple[str, int]]] = tuple
    device: DiscoveryDevice | None = None
