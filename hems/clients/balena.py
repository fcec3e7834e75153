"""The balena Supervisor's local HTTP API, as far as a worker needs it.

Plain HTTP to this machine, a connection a request, the key in the Authorization header only:
the API takes it in the address too, but addresses end up in logs.

GET  /v2/state/status                              containers, images, is it at work
GET  /v2/applications/state                        each service's release and download
GET  /v2/device/vpn                                the tunnel to balena
POST /v2/applications/ID/{restart,stop}-service    answered when it is done
POST /v1/reboot                                    answered 202 when it is accepted
Never with `force`: a lock is somebody's reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

from hems.clients import balena_answers as answers
from hems.clients.balena_answers import Application, Status
from hems.clients.http_exchange import exchange
from hems.clients.json_body import message
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable

SHOWN = 200  # characters of an error's message
PORT = 48484


class Locked(Unavailable):
    """Nothing was done (423): somebody holds the update lock, or the Supervisor is at work."""


class Failed(Unavailable):
    """It has failed (503), maybe half-way: the Supervisor says so of whatever goes wrong."""


REFUSALS = (Locked, Rejected)  # nothing was done; after any other error it may have been


@dataclass(frozen=True)
class Access:
    """Where the Supervisor is, who we are, and how long (s) it may take.

    `timeout_s` is for questions, `action_timeout_s` for what is done, or locked, before the answer.
    """

    address: str
    api_key: str = field(repr=False)
    app_id: int
    app_name: str
    timeout_s: float
    action_timeout_s: float


class BalenaSupervisor:
    """The Supervisor of this device.

    Every method raises Unavailable when there is no good answer in time, Locked when it is
    "not now", Rejected when it is "never", and ProtocolError when it makes no sense.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        target = urlsplit(access.address)
        self._address = (target.hostname or "", target.port or PORT)

    def status(self) -> Status:
        """Return what runs on the device, and what is on its way."""
        return answers.status(self._get("/v2/state/status"))

    def application(self) -> Application:
        """Return what is wanted of our application."""
        return answers.application(self._get("/v2/applications/state"), self._access.app_name)

    def is_vpn_connected(self) -> bool:
        """Tell whether the tunnel to balena is up: true proves an internet connection."""
        return answers.is_vpn_connected(self._get("/v2/device/vpn"))

    def restart_service(self, name: str) -> None:
        """Recreate the container of `name` and start it."""
        self._act("restart-service", name)

    def stop_service(self, name: str) -> None:
        """Stop `name` until somebody starts it, or the machine does."""
        self._act("stop-service", name)

    def reboot(self) -> None:
        """Ask for a reboot of the machine; it may still not come."""
        self._exchange("POST", "/v1/reboot", {"force": False}, self._access.action_timeout_s)

    def _get(self, path: str) -> bytes:
        return self._exchange("GET", path, None, self._access.timeout_s)

    def _act(self, action: str, name: str) -> None:
        path = f"/v2/applications/{self._access.app_id}/{action}"
        order = {"serviceName": name, "force": False}
        self._exchange("POST", path, order, self._access.action_timeout_s)

    def _exchange(self, method: str, path: str, order: object, timeout_s: float) -> bytes:
        """Return the body of a good answer."""
        headers = {"Authorization": f"Bearer {self._access.api_key}"}
        body = b""
        if order is not None:
            headers["Content-Type"] = "application/json"
            body = msgspec.json.encode(order)
        target = f"{method} {path}"
        what = f"balena Supervisor, {target}"
        try:
            status, content = exchange(self._address, target, headers, body, timeout_s)
        except (Unavailable, ProtocolError) as error:
            raise type(error)(f"{what}: {error}") from None
        if not 200 <= status < 300:
            raise refusal(status, content, what)
        return content


def refusal(status: int, content: bytes, what: str) -> HemsError:
    """Return the error that an answer of `status` with this body means."""
    said = message(content)[:SHOWN]
    if status == 401:
        return Rejected(f"{what}: 401, the key is not valid; see BALENA_SUPERVISOR_API_KEY")
    if status == 423:
        return Locked(f"{what}: 423, locked: {said}")
    if status == 503:
        return Failed(f"{what}: 503: {said}")
    if status == 404:
        return Rejected(f"{what}: 404, unknown to it: {said}")
    if 400 <= status < 500:
        return Rejected(f"{what}: {status}: {said}")
    return Unavailable(f"{what}: {status}: {said}")
