"""The simulated Supervisor's endpoints: a request and a device in, an answer out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from hems.desk import balena_bodies
from hems.desk.fleet import Device

ACTION = re.compile(r"/v2/applications/(\d+)/(restart|stop|start)-service")
LOCKED = "Lockfile exists for service"
BUSY = "Another operation of the Supervisor holds the locks"
HOST_UPDATE = "Waiting for Host OS update to finish"
PORTAL = "http://portal.invalid/login"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


class _Order(msgspec.Struct):
    service_name: str = msgspec.field(default="", name="serviceName")
    force: bool = False


def text(status: int, line: str) -> Answer:
    return Answer(status, line.encode(), "text/plain; charset=utf-8")


def answer(device: Device, method: str, path: str, body: bytes) -> Answer:
    """Return what the Supervisor of `device` answers, and do what is asked."""
    if path == "/control":
        return _control(device, method, body)
    if path == "/generate_204":
        return _internet(device)
    try:
        order = msgspec.json.decode(body or b"{}", type=_Order)
    except msgspec.DecodeError:
        return text(400, "Bad Request")
    device.calls.append(f"{method} {path} {order.service_name}".strip())
    if device.faults.is_unavailable:
        return _failed(503, "Supervisor is not ready")
    if device.faults.is_garbage:
        return Answer(200, b'{"status":"success","conta')
    return _api(device, method, path, order)


def _api(device: Device, method: str, path: str, order: _Order) -> Answer:
    action = ACTION.fullmatch(path)
    if method == "POST" and action:
        return _act(device, int(action[1]), action[2], order)
    if method == "POST" and path == "/v1/reboot":
        return _reboot(device, order)
    found = ROUTES.get(f"{method} {path}")
    return found(device) if found else text(404, f"Cannot {method} {path}")


def _act(device: Device, app_id: int, action: str, order: _Order) -> Answer:
    if not order.service_name:
        return text(400, "serviceName or imageId is missing")
    if app_id != device.app_id or not device.has_service(order.service_name):
        return text(404, "Service not found")
    if reason := _lock(device, order):
        return _failed(423, f"{reason} ({order.service_name})")
    if action == "stop":
        device.stop(order.service_name)
    elif not device.restart(order.service_name):
        return _failed(503, "no such image")
    return text(200, "OK")


def _reboot(device: Device, order: _Order) -> Answer:
    if device.faults.is_reboot_failing:
        return _json(500, {"Data": "", "Error": "Reboot failed"})
    reason = HOST_UPDATE if device.faults.is_host_updating and not order.force else ""
    if reason := reason or _lock(device, order):
        return _json(423, {"Data": "", "Error": reason})
    device.reboot()
    return _json(202, {"Data": "OK", "Error": None})


def _lock(device: Device, order: _Order) -> str:
    """Return why nothing may be done now, empty if it may."""
    if device.faults.is_busy:
        return BUSY
    return LOCKED if device.faults.is_locked and not order.force else ""


def _control(device: Device, method: str, body: bytes) -> Answer:
    if method == "POST":
        try:
            device.order(body)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            return text(400, str(error))
    told = {"calls": list(device.calls), "reboots": device.reboots, "faults": device.faults}
    return _json(200, told)


def _internet(device: Device) -> Answer:
    if device.faults.internet == "portal":
        return Answer(302, b"", headers=(("Location", PORTAL),))
    return Answer(204, b"") if device.faults.internet == "online" else text(500, "no internet")


def _vpn(device: Device) -> Answer:
    vpn = {"enabled": True, "connected": device.faults.has_vpn}
    return _json(200, {"status": "success", "vpn": vpn})


def _failed(status: int, message: str) -> Answer:
    return _json(status, {"status": "failed", "message": message})


def _json(status: int, document: object) -> Answer:
    return Answer(status, msgspec.json.encode(document))


ROUTES: dict[str, Callable[[Device], Answer]] = {
    "GET /ping": lambda _: text(200, "OK"),
    "GET /v1/healthy": lambda _: text(200, "OK"),
    "POST /v1/blink": lambda _: text(200, "OK"),
    "GET /v2/state/status": lambda device: _json(200, balena_bodies.status(device)),
    "GET /v2/applications/state": lambda device: _json(200, balena_bodies.applications(device)),
    "GET /v2/device/vpn": _vpn,
}
