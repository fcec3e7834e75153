from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.protocols.gateway import watchdog_report
from hems.protocols.gateway.watchdog_report import Internet, WatchdogState
from tests.fakes.time import context
from tests.workers.watchdog.surroundings import Home, Recorder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_the_state_is_there_for_other_workers_after_a_round(home: Home) -> None:
    ctx, clock, _ = context(until=61)
    home.internet = Internet.LAN_ONLY
    home.rounds(clock, Recorder()).run(ctx)
    assert home.report() == WatchdogState(60.0, 180.0, Internet.LAN_ONLY, 0.0, 1800.0)


def test_a_state_that_cannot_be_written_costs_nothing_else(home: Home) -> None:
    ctx, clock, notifier = context(until=300)
    home.report_path.mkdir()
    home.rounds(clock, Recorder()).run(ctx)
    assert notifier.latest_metrics["internet"] == "online"


def test_a_data_directory_that_is_missing_is_reported(home: Home) -> None:
    home.data = home.directory / "data"
    ctx, clock, notifier = context(until=60)
    home.rounds(clock).run(ctx)
    assert home.report().is_data_unwritable
    assert notifier.latest_metrics["is_data_unwritable"] is True
    trouble = f"{home.data} is missing; create or mount it"
    assert notifier.latest_metrics["troubles"] == {"restart log": trouble}
    home.data.mkdir()
    clock.until = 120
    home.rounds(clock).run(ctx)
    assert not home.report().is_data_unwritable


def test_a_reboot_that_is_held_back_is_reported(home: Home) -> None:
    (home.directory / ".reboots.json.new").mkdir()
    home.internet = Internet.LAN_ONLY
    ctx, clock, _ = context(until=1900)
    home.rounds(clock).run(ctx)
    assert home.supervisor.requests == []
    assert home.report().is_data_unwritable


def test_the_last_action_is_published_after_a_restart(home: Home) -> None:
    (home.directory / "restartLog.txt").write_text("2026-11-23T12:00:00Z  reboot: no link\n")
    ctx, clock, notifier = context(until=30)
    home.rounds(clock).run(ctx)
    assert notifier.latest_metrics["last_action"] == "2026-11-23T12:00:00Z  reboot: no link"
    assert notifier.sent[-2].endswith("; last: 2026-11-23T12:00:00Z  reboot: no link")


def test_a_restart_of_the_worker_is_no_news_of_the_internet(home: Home) -> None:
    home.internet = Internet.LAN_ONLY
    ctx, clock, _ = context(until=1000)
    home.rounds(clock).run(ctx)
    clock.until = 1100
    home.rounds(clock).run(ctx)
    assert home.report().internet_since == 10.0  # as long as nothing checked
    clock.until = 1900
    home.rounds(clock).run(ctx)
    assert home.supervisor.requests == ["reboot"]


def hung() -> None:
    raise Unavailable("no answer")


@pytest.mark.parametrize("away_s", [30.0, 86_400.0])
def test_a_restart_of_the_worker_gives_no_service_new_restarts(home: Home, away_s: float) -> None:
    home.supervisor.add("mqtt")
    home.probe = hung
    ctx, clock, _ = context(until=1800)
    home.rounds(clock).run(ctx)
    assert home.report().restarts == {"mqtt": 2}
    clock.now += away_s
    for _ in range(10):
        clock.until = clock.now + 1800
        home.rounds(clock).run(ctx)
    assert home.supervisor.requests == ["restart mqtt"] * 3
    assert home.report().given_up == ("mqtt",)


def test_a_report_from_before_a_reboot_gives_up_nothing(home: Home) -> None:
    home.supervisor.add("mqtt")
    report = WatchdogState(
        9e9, 180.0, Internet.ONLINE, 9e9, given_up=("mqtt",), restarts={"mqtt": 3}
    )
    home.report_path.write_bytes(watchdog_report.encode(report))
    home.probe = hung
    ctx, clock, _ = context(until=60)
    home.rounds(clock).run(ctx)
    assert home.report().given_up == ()


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff\0"])
def test_a_state_that_makes_no_sense_is_passed_over(home: Home, data: bytes) -> None:
    home.report_path.write_bytes(data)
    ctx, clock, _ = context(until=30)
    home.rounds(clock).run(ctx)
    assert home.report().internet is Internet.ONLINE


def test_the_status_is_one_line_for_people(home: Home) -> None:
    ctx, clock, notifier = context(until=630)
    home.internet = Internet.LAN_ONLY
    failing = Recorder("release", Unavailable("503"))
    home.rounds(clock, failing).run(ctx)
    assert notifier.sent[-2] == (
        "status lan only for 10.0 min; a reboot is due in 20.0 min; failing: release"
    )


@pytest.mark.parametrize(("written_at", "restarts"), [(1000.0, 2), (1000.1, 0)])
def test_a_report_counts_unless_it_is_from_before_a_reboot(
    home: Home, written_at: float, restarts: int
) -> None:
    home.supervisor.add("mqtt")
    report = WatchdogState(written_at, 180.0, Internet.ONLINE, 0.0, restarts={"mqtt": 2})
    home.report_path.write_bytes(watchdog_report.encode(report))
    ctx, clock, _ = context(until=1001)
    clock.now = 1000.0
    home.rounds(clock).run(ctx)
    assert home.report().restarts.get("mqtt", 0) == restarts
