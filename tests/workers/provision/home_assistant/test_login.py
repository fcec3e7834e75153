"""Getting in: by the kept token, by one login, and never twice by one that was refused."""

import pytest
from pytest_mock import MockerFixture

from hems.clients.home_assistant.auth_api import HomeAssistant
from hems.errors import Unavailable
from hems.settings.shared_secret_rules import Secret
from hems.workers.provision.home_assistant.setup_record import HomeAssistantSetupRecord
from tests.fakes.home_assistant import STEPS, FakeHomeAssistant
from tests.fakes.provision import Home

LOGIN = "/auth/login_flow/"
LONG_S = 660.0  # it asks after 0, 10, 30, 70, 150, 310 and 630 s
REFUSED = "it refused CONFIG_USER and CONFIG_PASSWORD"


def test_a_refused_login_is_sent_once_whatever_happens(home: Home, peer: FakeHomeAssistant) -> None:
    peer.is_set_up_by("admin", "of a person")
    for _ in range(3):
        home.run(LONG_S)
    assert len(peer.requests(LOGIN)) == 1
    assert peer.accounts.failures == 1
    assert REFUSED in home.waiting_reason("Home Assistant")
    assert sum(REFUSED in line for line in home.lines) == 3  # once in each life


def test_another_login_is_tried_and_lets_us_in(home: Home, peer: FakeHomeAssistant) -> None:
    peer.is_set_up_by("admin", "of a person")
    home.run()
    home.environ = {"CONFIG_PASSWORD": "of a person"}
    home.run()
    assert home.waiting_reason("Home Assistant") == ""
    assert len(peer.entries) == 1


def test_the_login_of_before_is_not_tried_again_after_another_one(
    home: Home, peer: FakeHomeAssistant
) -> None:
    peer.is_set_up_by("admin", "of a person")
    for password in ("the first", "the first", "the second", "the second"):
        home.environ = {"CONFIG_PASSWORD": password}
        home.run(LONG_S)
    assert len(peer.requests(LOGIN)) == 2


def test_a_refusal_is_forgotten_once_another_login_let_us_in(
    home: Home, peer: FakeHomeAssistant
) -> None:
    peer.is_set_up_by("admin", "the second")
    for password in ("the first", "the second"):
        home.environ = {"CONFIG_PASSWORD": password}
        home.run()
    peer.accounts.revoke()
    peer.accounts.users["admin"] = "the first"
    home.environ = {"CONFIG_PASSWORD": "the first"}
    home.run()
    assert home.waiting_reason("Home Assistant") == ""


def test_a_kept_token_needs_no_password(home: Home, peer: FakeHomeAssistant) -> None:
    home.run()
    peer.history.clear()
    home.environ = {"CONFIG_PASSWORD": "changed later"}
    home.run(LONG_S)
    assert peer.requests(LOGIN) == []
    assert home.waiting_reason("Home Assistant") == ""


def test_a_token_is_renewed_before_it_ends(home: Home, peer: FakeHomeAssistant) -> None:
    home.run(3600.0)
    assert len(peer.requests("/auth/token")) == 4  # and the one of telemetry
    assert peer.accounts.failures == 0


def test_a_revoked_token_is_followed_by_one_login(home: Home, peer: FakeHomeAssistant) -> None:
    home.run()
    peer.history.clear()
    peer.accounts.revoke()
    home.run(LONG_S)
    assert len(peer.requests(LOGIN)) == 2  # the owner's, and the one of telemetry's user
    assert home.waiting_reason("Home Assistant") == ""


def test_a_token_that_is_revoked_while_we_run_is_followed_by_one_login(
    home: Home, peer: FakeHomeAssistant
) -> None:
    def revoke(now: float) -> None:
        if now == 120:
            peer.accounts.revoke()

    home.run(LONG_S, revoke)
    assert len(peer.requests(LOGIN)) == 3  # of telemetry's user, the first, and this one
    assert home.waiting_reason("Home Assistant") == ""
    assert peer.accounts.failures == 0


def test_a_revoked_token_and_another_password_are_not_tried_for_ever(
    home: Home, peer: FakeHomeAssistant
) -> None:
    home.run()
    peer.accounts.revoke()
    peer.accounts.users = {"admin": "of a person"}
    home.run(LONG_S)
    home.run(LONG_S)
    assert peer.accounts.failures == 2  # the token, the password


def test_what_provision_observes_sends_no_login_before_the_owner_exists(
    home: Home, peer: FakeHomeAssistant, mocker: MockerFixture
) -> None:
    home.config.mkdir()
    starting = mocker.patch.object(HomeAssistant, "onboarding", side_effect=Unavailable("404"))
    home.run(LONG_S)
    assert peer.requests("/auth/") == []
    mocker.stop(starting)
    home.run(LONG_S)
    assert home.waiting_reason("Home Assistant") == ""
    assert peer.accounts.failures == 0


def test_a_second_factor_is_a_refusal(home: Home, peer: FakeHomeAssistant) -> None:
    peer.is_set_up_by("admin", home.secret(Secret.CONFIG_PASSWORD))
    peer.accounts.has_second_factor = True
    home.run(LONG_S)
    assert len(peer.requests(LOGIN)) == 1
    assert "without a second factor" in home.waiting_reason("Home Assistant")


def test_an_address_that_is_banned_sends_no_login(home: Home, peer: FakeHomeAssistant) -> None:
    peer.is_set_up_by("admin", home.secret(Secret.CONFIG_PASSWORD))
    peer.accounts.failures = 10
    home.run(LONG_S)
    assert peer.requests(LOGIN, "/auth/token") == []
    assert "ip_bans.yaml" in home.waiting_reason("Home Assistant")
    peer.accounts.failures = 0
    home.run(LONG_S)
    assert home.waiting_reason("Home Assistant") == ""


def test_a_login_that_is_no_administrators_is_told_once(
    home: Home, peer: FakeHomeAssistant
) -> None:
    peer.is_set_up_by("admin", home.secret(Secret.CONFIG_PASSWORD))
    peer.accounts.is_admin = False
    home.run(LONG_S)
    assert (
        home.waiting_reason("Home Assistant")
        == "this user of Home Assistant may not do that; CONFIG_USER has to be an administrator"
    )
    assert peer.accounts.failures == 0


def test_a_person_may_finish_the_onboarding_in_between(home: Home, peer: FakeHomeAssistant) -> None:
    def finish(_number: int) -> None:
        peer.done += [one for one in STEPS if one not in peer.done]

    peer.on_request = finish
    home.run(LONG_S)
    assert home.waiting_reason("Home Assistant") == ""
    assert len(peer.entries) == 1


@pytest.mark.parametrize("damage", [b"", b"\xff", b'{"refresh_token": 7}', b"{"])
def test_a_damaged_record_costs_one_login(
    home: Home, peer: FakeHomeAssistant, damage: bytes
) -> None:
    home.run()
    peer.history.clear()
    (home.data / "homeassistant.json").write_bytes(damage)
    home.run(LONG_S)
    assert len(peer.requests(LOGIN)) == 1
    assert home.waiting_reason("Home Assistant") == ""


def test_a_damaged_record_shows_no_token(home: Home) -> None:
    home.run()
    record = (home.data / "homeassistant.json").read_text()
    for damaged in (record[:-2], record.replace('"broker_entry":"', '"broker_entry":7,"x":"')):
        (home.data / "homeassistant.json").write_text(damaged)
        home.lines.clear()
        home.run()
        assert sum("starting with an empty record" in line for line in home.lines) == 1
        assert "secret-" not in " ".join(home.lines)


def test_a_record_shows_no_token() -> None:
    record = HomeAssistantSetupRecord(refresh_token="secret-refresh")
    assert "secret" not in f"{record} {record!r}"


def test_a_record_that_cannot_be_written_causes_no_second_login(
    home: Home, peer: FakeHomeAssistant
) -> None:
    peer.is_set_up_by("admin", "of a person")
    (home.data / ".homeassistant.json.new").symlink_to("/dev/full")
    home.run(LONG_S)
    assert len(peer.requests(LOGIN)) == 1
