"""Requests to the simulated Supervisor, without the HTTP."""

import json

from hems.clients import balena_answers
from hems.desk.balena_api import Answer, answer
from hems.desk.fleet import Device

APP_ID, APP_NAME = 7, "home"
STATUS = "/v2/state/status"
RESTART, STOP = (
    f"/v2/applications/{APP_ID}/restart-service",
    f"/v2/applications/{APP_ID}/stop-service",
)


def post(device: Device, path: str, **order: object) -> Answer:
    return answer(device, "POST", path, json.dumps(order).encode())


def get(device: Device, path: str) -> Answer:
    return answer(device, "GET", path, b"")


def container_id(device: Device, name: str) -> str:
    body = get(device, "/v2/state/status").body
    found = {one.service_name: one for one in balena_answers.status(body).containers}
    return found[name].container_id


def application(device: Device) -> balena_answers.Application:
    return balena_answers.application(get(device, "/v2/applications/state").body, APP_NAME)
