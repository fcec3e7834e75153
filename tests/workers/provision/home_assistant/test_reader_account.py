"""The user of Home Assistant that may only read, and the token of telemetry."""

import pytest

from hems.settings.shared_secret_rules import READER_TOKEN
from hems.workers.provision.home_assistant.reader_account import PERIOD_S, USER_NAME
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.provision import Home


def token(home: Home) -> str:
    return (home.gateway / "secrets" / READER_TOKEN).read_text()


def is_valid(peer: FakeHomeAssistant, home: Home) -> bool:
    return peer.accounts.token({"refresh_token": token(home)})[0] == 200


def test_its_token_is_valid_and_for_the_worker_alone(home: Home, peer: FakeHomeAssistant) -> None:
    home.run()
    assert is_valid(peer, home)
    assert (home.gateway / "secrets" / READER_TOKEN).stat().st_mode & 0o777 == 0o640
    assert not any(token(home) in line for line in home.lines)


@pytest.mark.parametrize("is_removed", [True, False], ids=["removed", "revoked"])
def test_a_user_that_was_removed_or_logged_out_is_made_again(
    home: Home, peer: FakeHomeAssistant, *, is_removed: bool
) -> None:
    for _ in range(2):
        home.run()
        before = token(home)
        if is_removed:
            peer.readers.clear()
            del peer.accounts.users[USER_NAME]
        peer.accounts.revoke()
        home.run(2 * PERIOD_S)
        assert token(home) != before
        assert is_valid(peer, home)
        assert [user["username"] for user in peer.readers] == [USER_NAME]
        assert peer.accounts.failures < 3


def test_a_lost_token_makes_the_user_again(home: Home, peer: FakeHomeAssistant) -> None:
    home.run()
    (home.gateway / "secrets" / READER_TOKEN).unlink()
    home.run()
    assert is_valid(peer, home)
    assert len(peer.readers) == 1
