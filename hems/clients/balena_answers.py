"""The bodies of the balena Supervisor's answers: JSON in, values out.

Only what is needed is looked at; whatever else an answer holds, now or in a later version, is
passed over. Every function but `message` raises ProtocolError when what is needed is missing.
"""

from __future__ import annotations

import contextlib
from typing import TypeVar

import msgspec

from hems.errors import ProtocolError, Unavailable

RUNNING = "Running"
MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)  # the last: too deep
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
        return self.status == RUNNING and self.download_progress is None


class _Status(msgspec.Struct):
    containers: tuple[msgspec.Raw, ...]


class _Application(msgspec.Struct):
    services: dict[str, Service]


class _Vpn(msgspec.Struct):
    connected: bool


class _VpnAnswer(msgspec.Struct):
    vpn: _Vpn


class _Error(msgspec.Struct):
    message: str = ""
    Error: str = ""


def containers(body: bytes) -> tuple[Container, ...]:
    """Return the containers in an answer of /v2/state/status; what is not one is passed over."""
    found = []
    for raw in _decoded(body, _Status).containers:
        with contextlib.suppress(*MALFORMED):
            found.append(msgspec.json.decode(raw, type=Container))
    return tuple(found)


def services(body: bytes, app_name: str) -> tuple[Service, ...]:
    """Return the services of `app_name` in an answer of /v2/applications/state.

    Raises Unavailable while the Supervisor does not know the application.
    """
    applications = _decoded(body, dict[str, _Application])
    if app_name not in applications:
        known = ", ".join(sorted(applications)) or "none"
        raise Unavailable(f"found the applications {known}, expected {app_name}")
    found = applications[app_name].services
    return tuple(msgspec.structs.replace(one, name=name) for name, one in found.items())


def is_vpn_connected(body: bytes) -> bool:
    """Return what an answer of /v2/device/vpn says."""
    return _decoded(body, _VpnAnswer).vpn.connected


def message(body: bytes) -> str:
    """Return what an error's body says, in one line: v1 and v2 differ, some are plain text."""
    try:
        error = msgspec.json.decode(body, type=_Error)
        said = error.message or error.Error
    except MALFORMED:
        said = body.decode(errors="replace")
    return " ".join(said.split()) or "without a reason"


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except MALFORMED as error:
        raise ProtocolError(f"balena Supervisor: {error}; found {body[:40]!r}") from None
