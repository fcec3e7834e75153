"""The real provision worker sets Home Assistant up over real sockets, whenever it is ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hems.settings.shared_secret_rules import HOME_ASSISTANT
from tests.fakes.home_assistant import STEPS, FakeHomeAssistant
from tests.integration.home_assistant import HomeAssistantServer
from tests.integration.provision import ProvisionWorker
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration

WITHIN_S = 20.0
BROKER = "of the broker"
OWNER = ("admin", "of the owner")


@pytest.fixture
def server() -> Iterator[HomeAssistantServer]:
    peer = FakeHomeAssistant(broker={HOME_ASSISTANT: BROKER})
    peer.is_owned_by(*OWNER)
    with HomeAssistantServer(peer) as server:
        yield server


def started(directory: Path, server: HomeAssistantServer, **variables: str) -> ProvisionWorker:
    own = {
        "HEMS_HOME_ASSISTANT_HOST": "127.0.0.1",
        "HEMS_HOME_ASSISTANT_PORT": str(server.port),
        "MQTT_HOMEASSISTANT_PASSWORD": BROKER,
        "CONFIG_PASSWORD": OWNER[1],
    }
    return ProvisionWorker(directory, None, **own, **variables)


def wait_until_set_up(peer: FakeHomeAssistant) -> None:
    eventually(lambda: bool(peer.entries), WITHIN_S, "Home Assistant has its broker")
    eventually(lambda: peer.history[-1].endswith("/list"), WITHIN_S, "a whole look was taken")


def test_it_is_set_up_and_then_only_looked_at(tmp_path: Path, server: HomeAssistantServer) -> None:
    peer = server.peer
    with started(tmp_path, server):
        wait_until_set_up(peer)
    assert sorted(peer.done) == sorted(STEPS)
    before = len(peer.history)
    with started(tmp_path, server):
        wait_for_looks(peer, len(peer.requests("GET /api/onboarding")) + 3)
    changes = [one for one in peer.history[before:] if one.startswith(("POST", "DELETE"))]
    assert {*changes} == {"POST /auth/token: 200"}
    assert len(changes) == 2  # of both users
    assert peer.accounts.failures == 0


def wait_for_looks(peer: FakeHomeAssistant, count: int) -> None:
    eventually(lambda: len(peer.requests("GET /api/onboarding")) >= count, WITHIN_S, "it looks")


@pytest.mark.parametrize("number", [2, 3, 4, 6, 7, 8, 9, 12, 13])
def test_killed_after_a_request_it_ends_the_same(
    tmp_path: Path, server: HomeAssistantServer, number: int
) -> None:
    peer = server.peer
    worker = started(tmp_path, server)

    def kill(count: int) -> None:
        if count == number:
            worker.process.kill()

    peer.on_request = kill
    with worker:
        worker.process.wait(WITHIN_S)
    peer.on_request = lambda count: None
    with started(tmp_path, server):
        wait_until_set_up(peer)
    assert sorted(peer.done) == sorted(STEPS)
    assert len(peer.entries) == 1
    assert len(peer.accounts.users) == 2  # the owner, and the one who may only read
    assert peer.accounts.failures == 0


def test_a_refused_login_is_sent_once_in_two_lives(
    tmp_path: Path, server: HomeAssistantServer
) -> None:
    server.peer.is_set_up_by("admin", "of a person")
    for looks in (3, 6):
        with started(tmp_path, server) as worker:
            wait_for_looks(server.peer, looks)
    assert len(server.peer.requests("/auth/login_flow/")) == 1
    assert worker.log().count("it refused CONFIG_USER") == 2
    assert "of a person" not in worker.log()
