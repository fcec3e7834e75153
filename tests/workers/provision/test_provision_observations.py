"""The worker reports what it observes, along with the steps that are not done."""

from __future__ import annotations

from pathlib import Path

from pytest_mock import MockerFixture

from hems.clients.influxdb.responses import UnknownToken
from hems.workers.provision.observations import FILES_S
from tests.fakes.database import FakeDatabase
from tests.fakes.provision import Home
from tests.fakes.time import FakeNotifier

OBSERVED = {
    "gateway-banned",
    "home-assistant-no-way-back",
    "recorder-corrupt",
    "storage-corrupt",
    "influxdb-token-unknown",
}
BAN = "172.18.4.4:\n  banned_at: '2026-11-20T10:00:00.000000+00:00'\n"
PERIOD_S = 60.0  # of the worker, while nothing is left to do


def subjects(home: Home, name: str) -> list[str]:
    """Return the subjects of the problems of this name that were reported last."""
    return [one.subject for one in home.notifier.latest_problems or () if one.name == name]


def test_a_ban_is_reported_until_it_is_lifted_twice(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.config.mkdir()
    bans = home.config / "ip_bans.yaml"
    seen: list[tuple[bool, list[str]]] = []

    def during(now: float) -> None:
        is_banned = now % 400.0 < 200.0
        bans.write_text(BAN if is_banned else "")
        if now % 200.0 > FILES_S + PERIOD_S:
            seen.append((is_banned, subjects(home, "gateway-banned")))

    home.run(800.0, during)
    assert len(seen) >= 4
    assert all(banned == (["172.18.4.4"] if is_banned else []) for is_banned, banned in seen)
    assert {is_banned for is_banned, _ in seen} == {True, False}


def test_a_new_process_ends_no_problem_that_it_has_not_looked_for(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    home = Home(tmp_path, influxdb=lambda _token: FakeDatabase(buckets={"home_assistant": 0}))
    home.config.mkdir()
    (home.config / "ip_bans.yaml").write_text(BAN)
    spy = mocker.spy(FakeNotifier, "problems")
    home.run()
    first, *later = [list(call.args[1]) for call in spy.call_args_list]
    unknown = {one.name for one in first if one.found is None and not one.subject}
    assert unknown == OBSERVED
    assert "gateway-banned" in {one.name for one in later[-1] if one.found}
    assert not any(one.name in OBSERVED and one.found is None for one in later[-1])


def test_an_unknown_token_is_reported_in_the_same_round_and_over_in_the_next(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    database = FakeDatabase(buckets={"home_assistant": 0})
    home = Home(tmp_path, influxdb=lambda _token: database)
    for _ in range(2):
        error = UnknownToken("InfluxDB does not know the current token", "create one")
        patched = mocker.patch.object(database, "require_writable", side_effect=error)
        home.run()
        assert subjects(home, "influxdb-token-unknown") == [""]
        mocker.stop(patched)
        home.run()
        assert subjects(home, "influxdb-token-unknown") == []
