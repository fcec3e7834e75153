"""Who owns a new Home Assistant: the gateway, however quickly somebody else asks."""

from __future__ import annotations

import http.client
import json
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.deploy.lan import HOME_ASSISTANT
from tests.e2e.gateway import Gateway, gateway

pytestmark = pytest.mark.e2e

RACES = int(os.environ.get("E2E_RACES", "1"))
EACH_S = 0.01  # a hundred requests a second
RACE_S, ENOUGH = 180.0, 200  # answers
STRANGER = {"name": "x", "username": "x", "password": "stranger", "language": "en"}
STRANGER |= {"client_id": f"http://{HOME_ASSISTANT}:8123/"}
LOGIN = {"CONFIG_USER": "admin", "CONFIG_PASSWORD": "of the home", "INFLUX_TOKEN": "of-the-home"}


def asks() -> int:
    """Ask to become the owner; return the answer's status, 0 without one."""
    peer = http.client.HTTPConnection(HOME_ASSISTANT, 8123, timeout=5)
    try:
        body = json.dumps(STRANGER)
        peer.request("POST", "/api/onboarding/users", body, {"Content-Type": "application/json"})
        return peer.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        peer.close()


def race() -> Counter[int]:
    """Ask a hundred times a second until there were ENOUGH answers; return their statuses."""
    answers = Counter[int]()
    begun = time.monotonic()
    while time.monotonic() - begun < RACE_S and answers.total() - answers[0] < ENOUGH:
        answers[asks()] += 1
        time.sleep(EACH_S)
    return answers


def users(home: Gateway) -> list[str]:
    store = json.loads((home.home_assistant.config / ".storage/auth").read_bytes())
    return [one["name"] for one in store["data"]["users"] if not one["system_generated"]]


@pytest.mark.parametrize("delay_s", [0.0, 3.0], ids=["login at once", "login later"])
def test_a_stranger_never_becomes_the_owner(root: Path, tmp_path: Path, delay_s: float) -> None:
    for number in range(RACES):
        directory = tmp_path / str(number)
        directory.mkdir()
        with gateway(root, directory) as home, ThreadPoolExecutor(max_workers=1) as strangers:
            racing = strangers.submit(home.site.lan.house.call, race, RACE_S + 10)
            home.start("homeassistant")
            time.sleep(delay_s)
            secrets = home.site.gateway / "secrets"
            secrets.mkdir()
            for name, value in LOGIN.items():
                (secrets / name).write_text(value)
            answers = racing.result()
            assert answers[200] == 0, answers
            assert answers[403] >= ENOUGH / 2, answers
            assert answers.keys() <= {0, 403, 404}, answers
            assert users(home) == ["admin"]
            home.stop("homeassistant")


def test_an_interrupted_start_makes_the_same_owner(root: Path, tmp_path: Path) -> None:
    """Killed while it makes the owner: its login is there, the user is not."""
    with gateway(root, tmp_path) as home:
        storage = home.home_assistant.config / ".storage"
        storage.mkdir()
        half = {"users": [{"username": "admin", "password": "bm9uZQ=="}]}
        document = {"version": 1, "minor_version": 1, "key": "auth_provider.homeassistant"}
        path = storage / "auth_provider.homeassistant"
        path.write_text(json.dumps(document | {"data": half}))
        (storage / "auth").write_text('{"version": 1, "data": {"us')  # a cut while it was written
        secrets = home.site.gateway / "secrets"
        secrets.mkdir()
        for name, value in LOGIN.items():
            (secrets / name).write_text(value)
        home.start("homeassistant")
        home.home_assistant.wait()
        assert users(home) == ["admin"]
        assert json.loads(path.read_bytes())["data"]["users"] != half["users"]
        home.stop("homeassistant")
