"""Read docker-compose.yml as it is written, without the changes that balena's parser makes.

Only the keys that checks need, and only in the short forms that this project uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from dev.check import read_source_files
from hems.errors import ConfigError
from hems.supervision.settings import time_span

FILE = "docker-compose.yml"
HOST = "host"


class Build(msgspec.Struct, frozen=True):
    """The source of an image: `context` is relative to the root, `dockerfile` to `context`."""

    context: str = "."
    dockerfile: str = "Dockerfile"


class Attachment(msgspec.Struct, frozen=True):
    ipv4_address: str = ""


class Healthcheck(msgspec.Struct, frozen=True):
    """Time spans in compose's notation (`1m30s`). The defaults are the engine's."""

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
    pid: str = ""
    ports: tuple[str, ...] = ()
    privileged: bool = False
    read_only: bool = False
    restart: str = "always"
    security_opt: tuple[str, ...] = ()
    stop_grace_period: str = "10s"
    sysctls: Mapping[str, str | int] = {}
    tmpfs: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    @property
    def source(self) -> Build | None:
        """Return the source of the image, None if the image is not built here."""
        return Build(self.build) if isinstance(self.build, str) else self.build

    @property
    def addresses(self) -> list[str]:
        """Return the fixed addresses of the service."""
        attachments = [attachment for attachment in self.networks.values() if attachment]
        return [attachment.ipv4_address for attachment in attachments if attachment.ipv4_address]

    @property
    def published(self) -> dict[int, int]:
        """Return host port → container port of each `ADDRESS:HOST:CONTAINER`."""
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
    """Return the compose project of the tree.

    Raises ConfigError if the file is not YAML or uses a form that this project does not use.
    """
    document = read_source_files.document(root, FILE)
    try:
        return msgspec.convert(document, Compose)
    except msgspec.ValidationError as error:
        where = _misfit(document.get("services")) if isinstance(document, dict) else ""
        raise ConfigError(f"{FILE}: {where or error}, the form that this project uses") from error


def _misfit(services: object) -> str:
    """Return which service has another form and why, empty if none has."""
    for name, service in services.items() if isinstance(services, dict) else ():
        try:
            msgspec.convert(service, Service)
        except msgspec.ValidationError as error:
            return f"{name}: {error}".replace("`$.", f"`{name}.")
    return ""


def seconds(span: str) -> float:
    """Return a time span in compose's notation (`1m30s`) in seconds. Raises ConfigError."""
    try:
        return time_span.seconds(span)
    except ValueError as error:
        raise ConfigError(f"{FILE}: {error}") from error
