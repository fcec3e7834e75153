"""Who owns a new Home Assistant: the gateway, however quickly somebody else asks."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.deploy.lan import HOME_ASSISTANT
from tests.e2e.gateway import Gateway, gateway

pytestmark = pytest.mark.e2e

RACES = int(os.environ.get("E2E_RACES", "2"))
STRANGERS, EACH_S = 4, 0.04  # together a hundred requests a second
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


def one_of_several() -> Counter[int]:
    """Ask at a steady rate until there were enough answers; return their statuses."""
    answers = Counter[int]()
    begun = next_at = time.monotonic()
    while time.monotonic() - begun < RACE_S and answers.total() - answers[0] < ENOUGH / STRANGERS:
        answers[asks()] += 1
        next_at = max(next_at + EACH_S, time.monotonic())  # who waited asks no faster later
        time.sleep(max(0.0, next_at - time.monotonic()))
    return answers


def race() -> tuple[Counter[int], float]:
    """Return the answers to all strangers, and how often a second they asked."""
    begun = time.monotonic()
    with ThreadPoolExecutor(max_workers=STRANGERS) as pool:
        outcomes = [pool.submit(one_of_several) for _ in range(STRANGERS)]
    answers = sum((one.result() for one in outcomes), Counter[int]())
    return answers, answers.total() / (time.monotonic() - begun)


def users(home: Gateway) -> list[str]:
    store = json.loads((home.home_assistant.config / ".storage/auth").read_bytes())
    return [one["name"] for one in store["data"]["users"] if not one["system_generated"]]


def make_login(home: Gateway) -> None:
    secrets = home.site.gateway / "secrets"
    secrets.mkdir()
    for name, value in LOGIN.items():
        (secrets / name).write_text(value)


def empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_a_stranger_never_becomes_the_owner(root: Path, tmp_path: Path) -> None:
    """Each race is the start of a new Home Assistant; hems makes the login at once, or later."""
    with gateway(root, tmp_path) as home:
        for number in range(RACES):
            with ThreadPoolExecutor(max_workers=1) as pool:
                racing = pool.submit(home.site.lan.house.call, race, RACE_S + 10)
                home.start("homeassistant")
                time.sleep(number % 2 * 3.0)
                make_login(home)
                answers, rate = racing.result()
            assert answers[200] == 0, answers
            assert answers[403] >= ENOUGH / 2, answers
            assert answers.keys() <= {0, 403, 404}, answers
            assert users(home) == ["admin"]
            home.home_assistant.kill()
            print(f"race {number}: {rate:.0f} requests a second, {dict(answers)}")  # noqa: T201
            for folder in (home.home_assistant.config, home.site.gateway):
                empty(folder)


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
        make_login(home)
        home.start("homeassistant")
        home.home_assistant.wait()
        assert users(home) == ["admin"]
        assert json.loads(path.read_bytes())["data"]["users"] != half["users"]
        home.stop("homeassistant")
