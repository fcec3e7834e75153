"""docker-compose.yml as it stands there, before balena's parser makes it uniform.

Only what the checks ask about, and only in the short forms that this project writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from hems.desk.check import tree
from hems.errors import ConfigError
from hems.supervision import timespan

FILE = "docker-compose.yml"
HOST = "host"


class Build(msgspec.Struct, frozen=True):
    """What an image is made from; both are relative, `dockerfile` to `context`."""

    context: str = "."
    dockerfile: str = "Dockerfile"


class Attachment(msgspec.Struct, frozen=True):
    ipv4_address: str = ""


class Healthcheck(msgspec.Struct, frozen=True):
    """Time spans as compose writes them (`1m30s`), with the engine's defaults."""

    interval: str = "30s"
    timeout: str = "30s"
    retries: int = 3


class Service(msgspec.Struct, frozen=True):
    build: str | Build | None = None
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    depends_on: tuple[str, ...] | Mapping[str, Any] = ()
    devices: tuple[str, ...] = ()
    environment: Mapping[str, str | int] = {}
    extra_hosts: tuple[str, ...] = ()
    healthcheck: Healthcheck | None = None
    image: str = ""
    labels: Mapping[str, str | int] = {}
    mem_limit: str = ""
    network_mode: str = ""
    networks: Mapping[str, Attachment | None] = {}
    ports: tuple[str, ...] = ()
    privileged: bool = False
    read_only: bool = False
    restart: str = "always"
    stop_grace_period: str = "10s"
    tmpfs: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    @property
    def source(self) -> Build | None:
        """Return what the image is built from, None for a ready-made one."""
        return Build(self.build) if isinstance(self.build, str) else self.build

    @property
    def addresses(self) -> list[str]:
        """Return its fixed addresses."""
        attachments = [one for one in self.networks.values() if one]
        return [one.ipv4_address for one in attachments if one.ipv4_address]

    @property
    def published(self) -> dict[int, int]:
        """Return the container's port by the host's, of each `ADDRESS:HOST:CONTAINER`."""
        pairs = [port.removesuffix("/udp").split(":")[-2:] for port in self.ports]
        return {
            int(pair[0]): int(pair[1])
            for pair in pairs
            if len(pair) == 2 and all(number.isdecimal() for number in pair)
        }


class Subnet(msgspec.Struct, frozen=True):
    subnet: str
    gateway: str


class Ipam(msgspec.Struct, frozen=True):
    config: tuple[Subnet]


class Network(msgspec.Struct, frozen=True):
    ipam: Ipam


class Compose(msgspec.Struct, frozen=True):
    services: Mapping[str, Service]
    networks: Mapping[str, Network]
    volumes: Mapping[str, Mapping[str, Any] | None] = {}


def read(root: Path) -> Compose:
    """Return the tree's compose project.

    Raises ConfigError when it is not YAML or not in the forms that are written here.
    """
    document = tree.document(root, FILE)
    try:
        return msgspec.convert(document, Compose)
    except msgspec.ValidationError as error:
        where = _misfit(document.get("services")) if isinstance(document, dict) else ""
        raise ConfigError(
            f"{FILE}: {where or error}, the form in which it is written here"
        ) from error


def _misfit(services: object) -> str:
    """Return which service is not in our forms and why, nothing if all are."""
    for name, service in services.items() if isinstance(services, dict) else ():
        try:
            msgspec.convert(service, Service)
        except msgspec.ValidationError as error:
            return f"{name}: {error}".replace("`$.", f"`{name}.")
    return ""


def seconds(span: str) -> float:
    """Return a time span of compose (`1m30s`) in seconds. Raises ConfigError."""
    try:
        return timespan.seconds(span)
    except ValueError as error:
        raise ConfigError(f"{FILE}: {error}") from error
