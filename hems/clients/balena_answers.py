"""The bodies of the balena Supervisor's answers: JSON in, values out.

Only what is needed is looked at; whatever else an answer holds, now or in a later version, is
passed over. Every function raises ProtocolError when what is needed is missing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from hems.clients.json_body import MALFORMED, decoded
from hems.errors import Unavailable

RUNNING, DOWNLOADING, APPLYING = "Running", "Downloading", "applying"
UPDATING = {"downloading", "downloaded", "applying changes"}  # else done, aborted or rejected
PEER = "balena Supervisor"
T = TypeVar("T")


class Container(msgspec.Struct, frozen=True, rename="camel"):
    """One container. `container_id` is another one after each recreation."""

    service_name: str
    status: str
    container_id: str

    @property
    def is_running(self) -> bool:
        return self.status == RUNNING


class Service(msgspec.Struct, frozen=True, rename="camel"):
    """One service of an application; its release is not known at every moment of an update."""

    status: str
    release_id: int | None = None
    download_progress: float | None = None
    name: str = ""  # the key in JSON

    @property
    def is_settled(self) -> bool:
        """Tell whether it runs and no update of it is under way."""
        return self.status == RUNNING and not self.is_downloading

    @property
    def is_downloading(self) -> bool:
        """Tell whether its new image is on its way; the old container may run meanwhile."""
        return self.status == DOWNLOADING or self.download_progress is not None


class Status(msgspec.Struct, frozen=True):
    """What the device does. `downloading`: the services whose new image is on its way."""

    containers: tuple[Container, ...]
    downloading: frozenset[str]
    is_applying: bool


class Application(msgspec.Struct, frozen=True):
    """What is wanted of one application; `is_updating`: it does not run as a whole yet."""

    services: tuple[Service, ...]
    is_updating: bool


class _Image(msgspec.Struct, rename="camel"):
    service_name: str
    status: str


class _Status(msgspec.Struct, rename="camel"):
    containers: tuple[msgspec.Raw, ...]
    images: tuple[msgspec.Raw, ...] = ()
    app_state: str = ""


class _Application(msgspec.Struct, rename="camel"):
    services: dict[str, msgspec.Raw]
    update_status: str = ""  # since Supervisor 17.7


class _Vpn(msgspec.Struct):
    connected: bool


class _VpnAnswer(msgspec.Struct):
    vpn: _Vpn


def status(body: bytes) -> Status:
    """Return an answer of /v2/state/status; what is no container or no image is passed over."""
    found = decoded(body, _Status, PEER)
    images = _each(found.images, _Image)
    downloading = frozenset(one.service_name for one in images if one.status == DOWNLOADING)
    containers = tuple(_each(found.containers, Container))
    return Status(containers, downloading, found.app_state == APPLYING)


def application(body: bytes, app_name: str) -> Application:
    """Return what an answer of /v2/applications/state says of `app_name`.

    Other applications, and what is no service, are passed over. Raises Unavailable while the
    Supervisor does not know the application.
    """
    applications = decoded(body, dict[str, msgspec.Raw], PEER)
    if app_name not in applications:
        known = ", ".join(sorted(applications)) or "none"
        raise Unavailable(f"found the applications {known}, expected {app_name}")
    found = decoded(bytes(applications[app_name]), _Application, PEER)
    services = (
        msgspec.structs.replace(service, name=name)
        for name, raw in found.services.items()
        for service in _each([raw], Service)
    )
    return Application(tuple(services), found.update_status in UPDATING)


def is_vpn_connected(body: bytes) -> bool:
    """Return what an answer of /v2/device/vpn says."""
    return decoded(body, _VpnAnswer, PEER).vpn.connected


def _each(raws: Iterable[msgspec.Raw], kind: type[T]) -> Iterator[T]:
    for raw in raws:
        with contextlib.suppress(*MALFORMED):
            yield msgspec.json.decode(raw, type=kind)
