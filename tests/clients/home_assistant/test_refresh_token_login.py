"""The login with a refresh token, as telemetry, joining and the operator's commands use it."""

from __future__ import annotations

import pytest

from hems.clients.home_assistant.auth_api import HomeAssistant
from hems.clients.home_assistant.refresh_token_login import MARGIN_S, RefreshTokenLogin
from hems.errors import Rejected, Unavailable
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.home_assistant_websocket import in_place


@pytest.fixture
def peer() -> FakeHomeAssistant:
    peer = FakeHomeAssistant()
    peer.is_set_up_by("admin", "secret password")
    return peer


def login(*tokens: str) -> RefreshTokenLogin:
    """Return the login with the first of the tokens, then the next one each time."""
    newest = [*tokens]
    return RefreshTokenLogin(
        HomeAssistant(("127.0.0.1", 8123), 5.0),
        lambda: newest.pop(0) if len(newest) > 1 else newest[0],
    )


def test_a_token_is_renewed_before_it_ends_and_used_until_then(peer: FakeHomeAssistant) -> None:
    one = login(peer.refresh_token())
    with in_place(peer):
        for now in (0.0, 1799.0 - MARGIN_S, 1800.0 - MARGIN_S):
            with one.session(now):
                pass
    assert peer.requests("/auth/token") == ["POST /auth/token: 200"] * 2


def test_a_refused_token_is_never_sent_again_and_another_one_is_used(
    peer: FakeHomeAssistant,
) -> None:
    refused = peer.refresh_token()
    peer.accounts.revoke()
    one = login(*[refused] * 12, peer.refresh_token())
    with in_place(peer):
        for now in range(12):
            with pytest.raises(Rejected, match="refuses the token"):
                one.session(now)
        assert peer.accounts.failures == 1
        with one.session(180.0) as session:
            assert session.states() == ()


def test_without_a_token_nothing_is_asked(peer: FakeHomeAssistant) -> None:
    with in_place(peer), pytest.raises(Unavailable, match="provision has not set up"):
        login("").session(0.0)
    assert peer.history == []
