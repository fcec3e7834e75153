"""The client of the balena Supervisor's local HTTP API.

The key travels in the Authorization header only: the API accepts it in the URL too, but URLs
end up in logs.

GET  /v2/state/status                              containers, images, whether it changes anything
GET  /v2/applications/state                        each service's release and download
GET  /v2/device/vpn                                the tunnel to balena
POST /v2/applications/ID/restart-service           answered when it is done: the old container
                                                   has its stop_grace_period to end
POST /v2/applications/ID/stop-service              answered before the service has stopped
POST /v1/reboot                                    answered with 202 when it is accepted; from then
                                                   on the API refuses every connection
No request sets `force`: the holder of an update lock has a reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from hems.clients.balena import supervisor_responses as responses
from hems.clients.balena.supervisor_responses import ApplicationState, DeviceStatus
from hems.clients.http import HttpClient, HttpResponse
from hems.errors import HemsError, Rejected, Unavailable

PEER = "balena Supervisor"
PORT = 48484


class SupervisorLocked(Unavailable):
    """Nothing was done (423): an update lock is held, or the Supervisor is busy."""


class SupervisorFailed(Unavailable):
    """The action was tried and failed (503, or 404 without a text), perhaps half-way.

    Only a new question shows what is left: often the container is gone.
    """


REFUSALS = (SupervisorLocked, Rejected)  # nothing was done; any other error leaves that open


@dataclass(frozen=True)
class SupervisorAccess:
    """The address, the key and the application of the Supervisor, and its time limits (s).

    `timeout_s` is for questions; `action_timeout_s` is for actions: longer than the longest
    stop_grace_period in docker-compose.yml.
    """

    address: str
    api_key: str = field(repr=False)
    app_id: int
    app_name: str
    timeout_s: float
    action_timeout_s: float


class BalenaSupervisor:
    """The Supervisor of this device.

    Every method raises Unavailable without a good response in time, SupervisorLocked for "not
    now", Rejected for "never", and ProtocolError for a response that makes no sense.
    """

    def __init__(self, access: SupervisorAccess) -> None:
        self._access = access
        target = urlsplit(access.address)
        self._http = HttpClient(PEER, (target.hostname or "", target.port or PORT))

    def status(self) -> DeviceStatus:
        """Return the containers that exist and the images that are being downloaded."""
        return responses.status(self._get("/v2/state/status"))

    def application(self) -> ApplicationState:
        """Return the state that balena wants for our application."""
        return responses.application(self._get("/v2/applications/state"), self._access.app_name)

    def is_vpn_connected(self) -> bool:
        """Return whether the tunnel to balena is up: true proves an internet connection."""
        return responses.is_vpn_connected(self._get("/v2/device/vpn"))

    def restart_service(self, name: str) -> None:
        """Recreate the container of `name` and start it."""
        self._act("restart-service", name)

    def stop_service(self, name: str) -> None:
        """Stop `name` until it is started again or the machine boots."""
        self._act("stop-service", name)

    def reboot(self) -> None:
        """Request a reboot of the machine. It may still fail after it was accepted."""
        self._request("POST", "/v1/reboot", {"force": False}, self._access.action_timeout_s)

    def _get(self, path: str) -> bytes:
        return self._request("GET", path, None, self._access.timeout_s)

    def _act(self, action: str, name: str) -> None:
        path = f"/v2/applications/{self._access.app_id}/{action}"
        order = {"serviceName": name, "force": False}
        self._request("POST", path, order, self._access.action_timeout_s)

    def _request(self, method: str, path: str, order: object, timeout_s: float) -> bytes:
        """Return the body of a successful response."""
        headers = {"Authorization": f"Bearer {self._access.api_key}"}
        response = self._http.request(method, path, timeout_s, headers, json=order)
        if not response.is_success:
            raise refusal(response, f"{PEER}, {method} {path}")
        return response.body


def refusal(response: HttpResponse, request: str) -> HemsError:
    """Return the error that an unsuccessful response means."""
    status, reason = response.status, response.reason
    if status == 401:
        return Rejected(f"{request}: 401, {_wrong_access(response)}")
    if status == 404 and not response.body.strip():
        return SupervisorFailed(
            f"{request}: 404 without a text: the container was removed, but no new one was "
            "created, perhaps because its image is not on the device"
        )
    if status == 404:
        return Rejected(f"{request}: 404, unknown to the Supervisor: {reason}")
    if status == 423:
        return SupervisorLocked(f"{request}: 423, locked: {reason}")
    if status == 503:
        return SupervisorFailed(f"{request}: 503: {reason}")
    kind = Rejected if 400 <= status < 500 else Unavailable
    return kind(f"{request}: {status}: {reason}")


def _wrong_access(response: HttpResponse) -> str:
    """Return what 401 refuses: as a text it is the key, as JSON the application's id."""
    if response.is_json_object:
        return "the key is not valid for this application; see BALENA_APP_ID"
    return "the key is not valid; see BALENA_SUPERVISOR_API_KEY"
