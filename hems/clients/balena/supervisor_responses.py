"""Decode the bodies of the balena Supervisor's responses: JSON in, values out.

Only the members that hems needs are decoded; all others, now or in a later version, are
ignored. Every function raises ProtocolError when a needed member is missing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeVar

import msgspec

from hems.errors import ProtocolError, Unavailable
from hems.protocols.json_decoding import decode_json

RUNNING, DOWNLOADING, APPLYING = "Running", "Downloading", "applying"
REJECTED = "rejected"
AT_REST = {"", "done", "aborted", REJECTED}  # else downloading, downloaded, applying changes …
PEER = "balena Supervisor"
T = TypeVar("T")


class Container(msgspec.Struct, frozen=True, rename="camel"):
    """One container. Each recreation changes `container_id`, a restart does not.

    Of all statuses (Stopping, Starting, Installed, Dead, restarting, Handing over …) only Running
    says that the service works.
    """

    service_name: str
    status: str
    container_id: str
    created_at: str = ""  # ISO 8601

    @property
    def is_running(self) -> bool:
        return self.status == RUNNING

    def age_s(self, unix_time: float) -> float | None:
        """Return how long (s) it has existed at `unix_time`; None if that is unknown."""
        try:
            created = datetime.fromisoformat(self.created_at)
        except ValueError:
            return None
        return unix_time - created.timestamp() if created.tzinfo else None


class ServiceState(msgspec.Struct, frozen=True, rename="camel"):
    """One service of an application; during an update its release may be unknown."""

    status: str
    release_id: int | None = None
    download_progress: float | None = None
    name: str = ""  # the key in JSON

    @property
    def is_settled(self) -> bool:
        """Return whether the service runs and no update of it is under way."""
        return self.status == RUNNING and not self.is_downloading

    @property
    def is_downloading(self) -> bool:
        """Return whether its new image is being downloaded; the old container may still run."""
        return self.status == DOWNLOADING or self.download_progress is not None


class DeviceStatus(msgspec.Struct, frozen=True):
    """The containers on the device, and the services whose new image is being downloaded."""

    containers: tuple[Container, ...]
    downloading: frozenset[str]
    is_applying: bool

    def running(self, name: str) -> Container | None:
        """Return the container of service `name` if it runs and is the only one (else None)."""
        containers = self.of(name)
        return containers[0] if len(containers) == 1 and containers[0].is_running else None

    def of(self, name: str) -> list[Container]:
        """Return the containers of service `name`: two during a handover."""
        return [container for container in self.containers if container.service_name == name]


class ApplicationState(msgspec.Struct, frozen=True):
    """The services of one application; `is_updating` until all of the wanted release run.

    `is_rejected`: the device refuses the wanted release because of its contract. Then `services`
    is empty, while the containers of the previous release keep running.
    """

    services: tuple[ServiceState, ...]
    is_updating: bool
    is_rejected: bool = False
    app_id: int | None = None


class _Image(msgspec.Struct, rename="camel"):
    service_name: str
    status: str


class _Status(msgspec.Struct, rename="camel"):
    containers: tuple[msgspec.Raw, ...]
    images: tuple[msgspec.Raw, ...] = ()
    app_state: str = ""


class _Application(msgspec.Struct, rename="camel"):
    services: dict[str, msgspec.Raw]
    app_id: int | None = None
    update_status: str = ""  # since Supervisor 17.7


class _Vpn(msgspec.Struct):
    connected: bool


class _VpnAnswer(msgspec.Struct):
    vpn: _Vpn


def status(body: bytes) -> DeviceStatus:
    """Return the device's status from the body of /v2/state/status; skip malformed entries."""
    answer = decode_json(body, _Status, PEER)
    images = _each(answer.images, _Image)
    downloading = frozenset(image.service_name for image in images if image.status == DOWNLOADING)
    containers = tuple(_each(answer.containers, Container))
    return DeviceStatus(containers, downloading, answer.app_state == APPLYING)


def application(body: bytes, app_name: str) -> ApplicationState:
    """Return the state of `app_name` from the body of /v2/applications/state.

    Other applications and malformed services are skipped. Raises Unavailable while the
    Supervisor does not know the application.
    """
    applications = decode_json(body, dict[str, msgspec.Raw], PEER)
    if app_name not in applications:
        known = ", ".join(sorted(applications)) or "none"
        raise Unavailable(f"found the applications {known}, expected {app_name}")
    state = decode_json(bytes(applications[app_name]), _Application, PEER)
    services = (
        msgspec.structs.replace(service, name=name)
        for name, raw in state.services.items()
        for service in _each([raw], ServiceState)
    )
    is_updating, is_rejected = (
        state.update_status not in AT_REST,
        state.update_status == REJECTED,
    )
    return ApplicationState(tuple(services), is_updating, is_rejected, state.app_id)


def is_vpn_connected(body: bytes) -> bool:
    """Return whether the tunnel is up, from the body of /v2/device/vpn."""
    return decode_json(body, _VpnAnswer, PEER).vpn.connected


def _each(raws: Iterable[msgspec.Raw], kind: type[T]) -> Iterator[T]:
    for raw in raws:
        with contextlib.suppress(ProtocolError):
            yield decode_json(bytes(raw), kind, PEER)
