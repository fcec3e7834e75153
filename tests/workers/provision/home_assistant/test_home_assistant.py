"""Home Assistant from new to set up: once, quietly, and from wherever it ended before."""

import pytest

from hems.settings.shared_secret_rules import Secret
from tests.fakes.home_assistant import FakeHomeAssistant
from tests.fakes.home_assistant_accounts import Accounts
from tests.fakes.provision import Home, disk
from tests.workers.provision.home_assistant.conftest import (
    ANOTHER,
    discover,
    discover_another,
    is_set_up,
    login,
)

LOOKS = (
    "GET ",
    "websocket",
    "/get",
    "get_config",
    "get_states",
    "config/auth/list",
    "/list",
    "/progress",
    "_statistic_ids",
    "lovelace/config",
)
LONG_S = 400.0


@pytest.mark.usefixtures("devices")
def test_a_new_one_is_set_up(home: Home) -> None:
    home.run(LONG_S)
    assert is_set_up(home)
    assert home.notifier.latest_metrics["waiting"] == {}


@pytest.mark.usefixtures("devices")
def test_when_all_is_done_it_only_looks(home: Home, peer: FakeHomeAssistant) -> None:
    home.run(LONG_S)
    peer.history.clear()
    home.lines.clear()
    changes: list[str] = []
    with disk(lambda _, what: changes.append(what)):
        home.run(LONG_S)
    assert changes == home.lines == []
    assert [one for one in peer.history if not any(look in one for look in LOOKS)] == [
        "POST /auth/token: 200",  # by the refresh token that was kept: nobody logs in
        "POST /auth/token: 200",  # whether the token of telemetry is valid
    ]


def test_the_token_is_kept_for_root_alone(home: Home) -> None:
    home.run()
    mode, content = home.contents()["data/homeassistant.json"]
    assert mode == 0o600
    assert b"secret-refresh" in content


def test_one_that_is_away_is_waited_for_and_told_once(home: Home, peer: FakeHomeAssistant) -> None:
    peer.is_away = True

    def start(now: float) -> None:
        peer.is_away = now < 40

    home.run(LONG_S, start)
    assert home.notifier.latest_metrics["waiting"] == {}
    lines = [line for line in home.lines if "Connection refused" in line or "works again" in line]
    assert [line.split()[0] for line in lines] == ["WARNING", "INFO"]


def test_one_that_restarts_is_found_again(home: Home, peer: FakeHomeAssistant) -> None:
    def restart(now: float) -> None:
        peer.is_away, peer.is_restarted = 100 < now < 200, now >= 200

    home.run(LONG_S, restart)
    assert home.notifier.latest_metrics["waiting"] == {}
    assert len(peer.entries) == 1


def test_the_files_of_other_services_do_not_wait_for_it(
    home: Home, peer: FakeHomeAssistant
) -> None:
    peer.is_away = True
    (home.gateway / "mosquitto.conf").unlink()
    home.run()
    assert (home.gateway / "mosquitto.conf").exists()
    assert "ready" in home.notifier.sent


@pytest.mark.usefixtures("devices")
def test_a_new_one_in_its_place_is_set_up_as_well(home: Home, peer: FakeHomeAssistant) -> None:
    home.run(LONG_S)
    home.home_assistant = FakeHomeAssistant(Accounts(), broker=peer.broker)
    home.home_assistant.is_owned_by(*login(home))
    discover(home.home_assistant)
    home.run(LONG_S)
    assert is_set_up(home)


@pytest.mark.parametrize("path", ["/api/onboarding", "/auth/token", "/auth/login_flow"])
def test_rubbish_is_told_without_what_it_says(
    home: Home, peer: FakeHomeAssistant, path: str
) -> None:
    peer.rubbish = path
    home.run(30.0)
    lines = [line for line in home.lines if "Home Assistant: " in line]
    assert path in lines[0]
    assert "secret" not in " ".join(lines)


@pytest.mark.usefixtures("devices")
def test_no_secret_is_told(home: Home, peer: FakeHomeAssistant) -> None:
    home.run(LONG_S)
    peer.accounts.revoke()
    peer.accounts.users["admin"] = "of a person"
    home.run(LONG_S)
    texts = " ".join([*home.lines, *home.notifier.sent, str(home.notifier.latest_metrics)])
    passwords = (Secret.CONFIG_PASSWORD, Secret.MQTT_HOMEASSISTANT_PASSWORD)
    for word in ("secret-", *(home.secret(one) for one in passwords)):
        assert word not in texts


@pytest.mark.usefixtures("devices")
def test_one_that_is_settled_is_asked_less_and_less(home: Home, peer: FakeHomeAssistant) -> None:
    hours = []

    def count(now: float) -> None:
        hours.extend([int(now // 3600)] * len(peer.requests("GET /api/onboarding")))
        peer.history.clear()

    for _ in range(2):
        hours.clear()
        home.run(3 * 3600.0, count)
        assert hours.count(0) <= 15
        assert [hours.count(hour) for hour in (1, 2)] == [6, 6]


@pytest.mark.usefixtures("devices")
def test_a_change_is_followed_within_ten_minutes_and_watched_closely_again(
    home: Home, peer: FakeHomeAssistant
) -> None:
    seen: list[float] = []

    def change(now: float) -> None:
        if now == 7200.0:
            discover_another(peer)
        if ANOTHER in str(peer.energy) and ANOTHER in str(peer.dashboards):
            seen.append(now)

    home.run(9000.0, change)
    assert seen[0] <= 7200.0 + 660.0


def test_one_without_an_owner_is_not_set_up_and_told(home: Home, peer: FakeHomeAssistant) -> None:
    peer.done, peer.accounts.users = [], {}
    home.run(LONG_S)
    assert "it has no owner" in home.waiting_reason("Home Assistant")
    assert peer.requests("POST") == []
