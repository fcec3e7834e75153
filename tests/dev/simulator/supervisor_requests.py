"""Send requests to the simulated Supervisor without HTTP."""

import json

from dev.simulator.balena_device import SimulatedDevice
from dev.simulator.balena_endpoints import SupervisorAnswer, answer, begin
from dev.simulator.balena_server import OUTSIDE
from hems.clients.balena import supervisor_responses

APP_ID, APP_NAME = 7, "home"
STATUS = "/v2/state/status"
RESTART, STOP, START = (
    f"/v2/applications/{APP_ID}/{action}-service" for action in ("restart", "stop", "start")
)


def post(device: SimulatedDevice, path: str, **order: object) -> SupervisorAnswer:
    return _send(device, "POST", path, json.dumps(order).encode())


def get(device: SimulatedDevice, path: str) -> SupervisorAnswer:
    return _send(device, "GET", path, b"")


def _send(device: SimulatedDevice, method: str, path: str, body: bytes) -> SupervisorAnswer:
    if path not in OUTSIDE:
        begin(device, method, path, body)
    return answer(device, method, path, body)


def container_id(device: SimulatedDevice, name: str) -> str:
    return _container(device, name).container_id


def container_status(device: SimulatedDevice, name: str) -> str:
    return _container(device, name).status


def _container(device: SimulatedDevice, name: str) -> supervisor_responses.Container:
    (container,) = supervisor_responses.status(get(device, STATUS).body).of(name)
    return container


def application(device: SimulatedDevice) -> supervisor_responses.ApplicationState:
    return supervisor_responses.application(get(device, "/v2/applications/state").body, APP_NAME)
