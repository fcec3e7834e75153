"""Answer the requests to the simulated Supervisor: a request and a device in, an answer out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from dev.simulator import balena_responses
from dev.simulator.balena_device import SimulatedDevice

ACTION = re.compile(r"/v2/applications/([^/]+)/(restart|stop|start)-service")
LOCKED = "Lockfile exists for {{ appId: {app_id}, service: {service} }}"
LOCK_HOLDER = "homeassistant"
BUSY = "Another operation is running"
HOST_UPDATE = "Waiting for Host OS update to finish"
NO_SERVICE = "Service not found, a container must exist for this endpoint to work"
NO_NAME = "serviceName or imageId parameters were not provided or the app is multi-container."
PORTAL = "http://portal.invalid/login"


@dataclass(frozen=True)
class SupervisorAnswer:
    """One HTTP answer."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Request:
    """A request to the API; `action` is restart, stop, start, reboot, or empty for a question."""

    line: str
    action: str = ""
    app_id: str = ""
    service: str = ""
    is_forced: bool = False


def text(status: int, line: str) -> SupervisorAnswer:
    return SupervisorAnswer(status, line.encode(), "text/plain; charset=utf-8")


def begin(device: SimulatedDevice, method: str, path: str, body: bytes) -> float:
    """Begin what a request to the API orders; return how long (s) the Supervisor takes for it."""
    device.settle()
    try:
        request = _request(method, path, body)
    except msgspec.DecodeError:
        return 0.0
    device.calls.append(f"{request.line} {request.service}".strip())
    if _refusal(device, request):
        return device.faults.busy_s if device.faults.is_busy and _lock(device, request) else 0.0
    if request.action != "restart":
        return 0.0
    takes_s = device.stopping_s(request.service)
    device.stop(request.service)
    return takes_s


def answer(device: SimulatedDevice, method: str, path: str, body: bytes) -> SupervisorAnswer:
    """Finish what the request orders and return the Supervisor's answer."""
    device.settle()
    if path == "/control":
        return _control(device, method, body)
    if path == "/generate_204":
        return _internet(device)
    try:
        return _api(device, _request(method, path, body))
    except msgspec.DecodeError as error:
        return _failed(503, str(error))


def _api(device: SimulatedDevice, request: _Request) -> SupervisorAnswer:
    if refusal := _refusal(device, request):
        return refusal
    if request.action == "reboot":
        device.accept_reboot()
        return _json(202, {"Data": "OK", "Error": None})
    if request.action:
        return _act(device, request)
    route = ROUTES.get(request.line)
    return route(device) if route else text(404, f"Cannot {request.line}")


def _request(method: str, path: str, body: bytes) -> _Request:
    """Return the request. Raises DecodeError for a body that is not JSON."""
    order = msgspec.json.decode(body or b"{}")
    order = order if isinstance(order, dict) else {}
    service, is_forced = order.get("serviceName"), bool(order.get("force"))
    name = service if isinstance(service, str) else ""
    line = f"{method} {path}"
    action = ACTION.fullmatch(path)
    if method == "POST" and action:
        return _Request(line, action[2], action[1], name, is_forced)
    if line == "POST /v1/reboot":
        return _Request(line, "reboot", is_forced=is_forced)
    return _Request(line)


def _refusal(device: SimulatedDevice, request: _Request) -> SupervisorAnswer | None:
    """Return the answer to a request that changes nothing, None to one that is done."""
    if device.faults.is_unavailable:
        return _failed(503, "Supervisor is not ready")
    if device.faults.is_garbage:
        return SupervisorAnswer(200, b'{"status":"success","conta')
    if request.action == "reboot":
        return _reboot_refusal(device, request)
    return _service_refusal(device, request) if request.action else None


def _service_refusal(device: SimulatedDevice, request: _Request) -> SupervisorAnswer | None:
    if answer := _mistake(device, request):
        return answer
    reason = _lock(device, request)
    return _failed(423, reason) if reason else None


def _mistake(device: SimulatedDevice, request: _Request) -> SupervisorAnswer | None:
    if not request.app_id.isdecimal() or not int(request.app_id):
        return _json(400, {"status": "failed", "message": "Invalid app id"})
    if int(request.app_id) != device.app_id:
        return _failed(401, "Unauthorized")
    if not request.service:
        return text(400, NO_NAME)
    if request.service not in device.containers:
        return text(404, NO_SERVICE)
    return None


def _reboot_refusal(device: SimulatedDevice, request: _Request) -> SupervisorAnswer | None:
    if device.faults.is_reboot_failing:
        return _json(500, {"Data": "", "Error": "Reboot failed"})
    reason = HOST_UPDATE if device.faults.is_host_updating and not request.is_forced else ""
    if reason := reason or _lock(device, request):
        return _json(423, {"Data": "", "Error": reason})
    return None


def _act(device: SimulatedDevice, request: _Request) -> SupervisorAnswer:
    if request.action == "stop":
        device.stop(request.service)
    elif request.action == "start":
        device.start(request.service)
    elif not device.restart(request.service):
        return text(404, "")  # the container is gone, and there is no image for a new one
    return text(200, "OK")


def _lock(device: SimulatedDevice, request: _Request) -> str:
    """Return the reason of a lock on actions, empty if there is none. A start needs no lock."""
    if request.action == "start":
        return ""
    if device.faults.is_busy:
        return BUSY
    locked = LOCKED.format(app_id=device.app_id, service=LOCK_HOLDER)
    return locked if device.faults.is_locked and not request.is_forced else ""


def _control(device: SimulatedDevice, method: str, body: bytes) -> SupervisorAnswer:
    if method == "POST":
        try:
            device.order(body)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            return text(400, str(error))
    state = {"calls": list(device.calls), "reboots": device.reboots, "faults": device.faults}
    return _json(200, state)


def _internet(device: SimulatedDevice) -> SupervisorAnswer:
    if device.faults.internet == "portal":
        return SupervisorAnswer(302, b"", headers=(("Location", PORTAL),))
    return (
        SupervisorAnswer(204, b"")
        if device.faults.internet == "online"
        else text(500, "no internet")
    )


def _vpn(device: SimulatedDevice) -> SupervisorAnswer:
    vpn = {"enabled": True, "connected": device.faults.has_vpn}
    return _json(200, {"status": "success", "vpn": vpn})


def _failed(status: int, message: str) -> SupervisorAnswer:
    return _json(status, {"status": "failed", "message": message})


def _json(status: int, document: object) -> SupervisorAnswer:
    return SupervisorAnswer(status, msgspec.json.encode(document))


ROUTES: dict[str, Callable[[SimulatedDevice], SupervisorAnswer]] = {
    "GET /ping": lambda _: text(200, "OK"),
    "GET /v1/healthy": lambda _: text(200, "OK"),
    "POST /v1/blink": lambda _: text(200, "OK"),
    "GET /v2/state/status": lambda device: _json(200, balena_responses.status(device)),
    "GET /v2/applications/state": lambda device: _json(200, balena_responses.applications(device)),
    "GET /v2/device/vpn": _vpn,
}
