"""The client of Home Assistant over real sockets: every call, every kind of refusal."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from dev.launcher.free_port import free_port
from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.auth_api import HomeAssistant, LoginRefused
from hems.clients.home_assistant.websocket import CommandFailed
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable
from hems.workers.provision.home_assistant.mqtt_config_entry import PLAIN
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.integration.home_assistant import HomeAssistantServer
from tests.integration.scripted import Scripted

pytestmark = pytest.mark.integration

OWNER = ("admin", "of the owner")
UPGRADE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: of another request\r\n\r\n"
)


@pytest.fixture
def server() -> Iterator[HomeAssistantServer]:
    with HomeAssistantServer(owned()) as server:
        yield server


def owned() -> FakeHomeAssistant:
    """Return one that has just started for the first time."""
    peer = FakeHomeAssistant(broker={"homeassistant": "right"})
    peer.is_owned_by(*OWNER)
    return peer


@pytest.fixture
def token(server: HomeAssistantServer) -> str:
    client = server.client()
    return client.tokens(client.log_in(*OWNER)).access_token


def test_every_call(server: HomeAssistantServer) -> None:
    client = server.client()
    assert client.onboarding() == {"core_config", "analytics", "integration"}
    tokens = client.tokens(client.log_in(*OWNER))
    access = client.renewed(tokens.refresh_token).access_token
    with AdminSession(client, access) as session:
        session.set_home(country="FR")
        for step in ("core_config", "analytics", "integration"):
            session.finish_onboarding(step)
        flow = session.begin_flow("mqtt")
        login = {"username": "homeassistant", "password": "right"}
        with pytest.raises(Rejected, match=r"400.*other_settings"):
            session.answer_flow(flow.flow_id, {"broker": "h", "port": 1883, **login})
        session.answer_flow(flow.flow_id, {"broker": "h", "port": 1883, **login, **PLAIN})
        assert [one.title for one in session.entries("mqtt")] == ["h"]
        session.give_up_flow(session.begin_flow("mqtt").flow_id)
        server.peer.broker["homeassistant"] = "another"
        (waiting,) = session.flows()
        assert waiting.context.entry_id == session.entries("mqtt")[0].entry_id
        assert session.answer_flow(waiting.flow_id, login).trouble == "invalid_auth"
    assert client.onboarding() == frozenset()
    with AdminSession(client, access) as session:
        owner = session.user()
        assert session.persons() == session.rooms() == frozenset()
        session.create_person(owner.name, owner.id)
        assert session.persons() == {owner.id}
        [name, *_] = session.translations("fr", "area", "onboarding").values()
        session.create_room(name, "mdi:sofa")
        assert session.rooms() == {name}


FOR_ALL = {"is_for_administrators": False}


def test_dashboards(server: HomeAssistantServer, token: str) -> None:
    with AdminSession(server.client(), token) as session:
        assert session.energy_preferences() is None
        preferences: dict[str, object] = {"energy_sources": [], "device_consumption": []}
        session.save_energy_preferences(preferences)
        assert session.energy_preferences() == preferences | {"device_consumption_water": []}
        assert session.sums() == session.dashboards() == frozenset()
        session.create_dashboard("smartcore", "SmartCORE", "mdi:home", **FOR_ALL)
        assert session.content("smartcore") is None
        session.save_dashboard("smartcore", {"views": []})
        assert session.content("smartcore") == {"views": []}
        assert session.entities() == ()


def test_a_wrong_password_is_refused(server: HomeAssistantServer, token: str) -> None:
    with pytest.raises(LoginRefused, match="invalid_auth"):
        server.client().log_in("admin", "wrong")


def test_a_token_that_was_revoked_is_refused(server: HomeAssistantServer, token: str) -> None:
    server.peer.accounts.revoke()
    with pytest.raises(LoginRefused, match="400"):
        server.client().renewed("secret")
    with pytest.raises(LoginRefused, match="access token"):
        AdminSession(server.client(), token)


def test_a_step_that_is_done_is_rejected(server: HomeAssistantServer, token: str) -> None:
    with AdminSession(server.client(), token) as session:
        session.finish_onboarding("analytics")
        with pytest.raises(Rejected, match="analytics step already done"):
            session.finish_onboarding("analytics")


def test_a_command_that_fails_says_why(server: HomeAssistantServer, token: str) -> None:
    with AdminSession(server.client(), token) as session:
        session.create_dashboard("smartcore", "SmartCORE", "mdi:home", **FOR_ALL)
        with pytest.raises(CommandFailed, match="needs to be unique") as raised:
            session.create_dashboard("smartcore", "SmartCORE", "mdi:home", **FOR_ALL)
    assert raised.value.code == "invalid_format"


def test_a_banned_address_is_rejected_everywhere(server: HomeAssistantServer, token: str) -> None:
    server.peer.accounts.failures = 10
    with pytest.raises(Rejected, match=r"403: .*ip_bans\.yaml"):
        server.client().onboarding()
    with pytest.raises(Rejected, match="403") as raised:
        server.client().renewed("a good one")
    assert type(raised.value) is Rejected  # nothing is said about the token
    with pytest.raises(Rejected, match="websocket: 403"):
        AdminSession(server.client(), token)


def test_nobody_there(server: HomeAssistantServer) -> None:
    client = HomeAssistant(("127.0.0.1", free_port(None)), 1.0)
    with pytest.raises(Unavailable, match="GET /api/onboarding: Connection refused"):
        client.onboarding()
    with pytest.raises(Unavailable, match="refused"):
        AdminSession(client, "token")


def test_a_command_without_an_answer_is_given_up_in_time(
    server: HomeAssistantServer, token: str
) -> None:
    with AdminSession(server.client(0.3), token) as session:
        server.is_silent = True
        begun = time.monotonic()
        with pytest.raises(Unavailable, match=r"no answer within 0\.3 s"):
            session.dashboards()
        assert time.monotonic() - begun < 2


def test_a_peer_that_goes_away_in_between_is_unavailable(token: str) -> None:
    with HomeAssistantServer(owned()) as server:
        client = server.client()
        access = client.tokens(client.log_in(*OWNER)).access_token
        with AdminSession(client, access) as session:
            server.peer.is_away = True
            with pytest.raises(Unavailable):
                session.dashboards()


@pytest.mark.parametrize(
    ("pieces", "kind"),
    [
        ((b"HTTP/1.1 500 Internal Server Error\r\n\r\n500",), Unavailable),
        ((b"HTTP/1.1 200 OK\r\n\r\n<html>",), ProtocolError),
        ((b"HTTP/1.1 200 OK\r\n\r\n[{}]",), ProtocolError),
        ((b"SSH-2.0\r\n\r\n",), ProtocolError),
        ((b"HTTP/1.1 404 Not Found\r\n\r\n",), None),
    ],
)
def test_what_answers_the_onboarding(pieces: tuple[bytes, ...], kind: type[HemsError]) -> None:
    with Scripted(*pieces) as peer:
        client = HomeAssistant(("127.0.0.1", peer.port), 1.0)
        if kind is None:
            assert client.onboarding() == frozenset()
        else:
            with pytest.raises(kind) as raised:
                client.onboarding()
            assert type(raised.value) is kind


@pytest.mark.parametrize("answer", [UPGRADE, b"", b"nonsense\r\n\r\n", b"\x00" * 100_000])
def test_a_websocket_that_is_none(answer: bytes) -> None:
    with Scripted(answer) as peer, pytest.raises(Unavailable, match="websocket: "):
        AdminSession(HomeAssistant(("127.0.0.1", peer.port), 1.0), "token")


def test_a_websocket_that_drips_is_given_up_in_time() -> None:
    begun = time.monotonic()
    with Scripted(*[b"H"] * 30, pause_s=0.1) as peer, pytest.raises(Unavailable):
        AdminSession(HomeAssistant(("127.0.0.1", peer.port), 0.5), "token")
    assert time.monotonic() - begun < 5


def test_no_secret_is_in_an_error(server: HomeAssistantServer) -> None:
    for body in (b'{"access_token": "secret-1", "expires_in"', b'{"access_token": 1234567890}'):
        with Scripted(b"HTTP/1.1 200 OK\r\n\r\n" + body) as peer:
            client = HomeAssistant(("127.0.0.1", peer.port), 1.0)
            with pytest.raises(ProtocolError) as raised:
                client.renewed("secret-2")
            assert "secret" not in str(raised.value)
            assert "123456" not in str(raised.value)
