from itertools import pairwise
from pathlib import Path

import pytest

from hems.protocols.gateway.watchdog_report import Internet, WatchdogState
from hems.workers.watchdog.internet_check_and_reboot import InternetHistory
from hems.workers.watchdog.reboot_backoff import UNREADABLE, RebootRecord, record_file
from tests.workers.watchdog.machine import BOOT_S, Answer, Machine

MINUTE, HOUR, DAY, WEEK = 60.0, 3600.0, 86400.0, 7 * 86400.0


def hours(times: list[float]) -> list[float]:
    """Return the hours between events, the first one's from the start."""
    return [round((after - before) / HOUR, 1) for before, after in pairwise([0.0, *times])]


@pytest.mark.parametrize("internet", [Internet.LAN_ONLY, Internet.NO_LINK])
def test_a_dead_week_makes_the_reboots_that_the_back_off_predicts(
    machine: Machine, internet: Internet
) -> None:
    machine.internet = internet
    machine.run(WEEK)
    assert hours(machine.reboots) == [0.5, 1, 2, 4, 8, 16, 24, 24, 24, 24, 24]


def test_no_reboot_before_half_an_hour(machine: Machine) -> None:
    machine.internet = Internet.LAN_ONLY
    machine.run(30 * MINUTE - machine.period_s)
    assert machine.calls == []
    machine.run(2 * MINUTE)
    assert len(machine.calls) == 1


def test_never_on_a_portal(machine: Machine) -> None:
    machine.internet = Internet.PORTAL
    machine.run(WEEK)
    assert machine.calls == []


def test_a_link_that_comes_and_goes_is_no_internet_all_the_same(machine: Machine) -> None:
    for _ in range(7):
        for state in (Internet.LAN_ONLY, Internet.NO_LINK):
            machine.internet = state
            machine.run(3 * MINUTE)
    assert len(machine.reboots) == 1


@pytest.mark.parametrize("between", [Internet.ONLINE, Internet.PORTAL])
def test_one_check_that_finds_the_internet_or_a_portal_restarts_the_wait(
    machine: Machine, between: Internet
) -> None:
    for _ in range(50):
        machine.internet = Internet.LAN_ONLY
        machine.run(29 * MINUTE)
        machine.internet = between
        machine.run(machine.period_s)
    assert machine.calls == []


def test_an_hour_online_makes_the_back_off_begin_again(machine: Machine) -> None:
    machine.internet = Internet.LAN_ONLY
    machine.run(4 * HOUR)
    assert len(machine.reboots) == 3
    machine.internet = Internet.ONLINE
    machine.run(HOUR + MINUTE)
    machine.internet = Internet.LAN_ONLY
    machine.run(31 * MINUTE)
    assert len(machine.reboots) == 4
    assert record_file(machine.record_path).record.attempts == 1


def test_less_than_an_hour_online_does_not(machine: Machine) -> None:
    machine.internet = Internet.LAN_ONLY
    machine.run(4 * HOUR)
    for _ in range(3):
        machine.internet = Internet.ONLINE
        machine.run(59 * MINUTE)
        machine.internet = Internet.LAN_ONLY
        machine.run(3.9 * HOUR)
    assert len(machine.reboots) == 3


def test_a_reboot_whose_answer_was_lost_is_a_reboot(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.LOSES
    machine.run(WEEK)
    assert hours(machine.reboots) == [0.5, 1, 2, 4, 8, 16, 24, 24, 24, 24, 24]


def test_power_cuts_do_not_make_it_reboot_more_often(machine: Machine) -> None:
    machine.internet = Internet.LAN_ONLY
    machine.run(4 * HOUR)
    assert len(machine.reboots) == 3
    for _ in range(20):
        machine.boot()
        machine.run(3.9 * HOUR)
    assert len(machine.reboots) == 3


def test_a_worker_that_crashes_again_and_again_reboots_later_by_what_it_did_not_see(
    machine: Machine,
) -> None:
    machine.internet = Internet.LAN_ONLY
    for _ in range(100):
        machine.run(10 * MINUTE + machine.period_s)  # from the first look to the last: 10 min
        machine.be_away(2 * MINUTE - machine.period_s)
    assert hours(machine.reboots) == [0.6, 1.2, 2.4, 4.8, 9.6]


def test_an_outage_that_nobody_has_watched_is_none(machine: Machine) -> None:
    machine.internet = Internet.LAN_ONLY
    for _ in range(100):
        machine.run(29 * MINUTE)
        machine.be_away(4 * MINUTE)
    assert machine.calls == []


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\0", b"[]", b'{"attempts":-1}', b'{"attempts":null}', b'{"x":1}']
)
def test_a_damaged_record_counts_as_many_attempts(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "reboots.json").write_bytes(damage)
    machine = Machine(tmp_path)
    machine.internet = Internet.LAN_ONLY
    machine.run(DAY - BOOT_S)
    assert machine.calls == []
    machine.run(MINUTE)
    assert len(machine.reboots) == 1
    assert record_file(machine.record_path).record.attempts == UNREADABLE.attempts + 1


def test_a_damaged_record_is_forgiven_after_an_hour_online(tmp_path: Path) -> None:
    (tmp_path / "reboots.json").write_bytes(b"\0")
    machine = Machine(tmp_path)
    machine.run(HOUR + MINUTE)
    assert record_file(machine.record_path).record == RebootRecord()


def test_without_a_supervisor_nothing_is_due(machine: Machine) -> None:
    machine.check.supervisor = None
    machine.internet = Internet.NO_LINK
    machine.run(DAY)
    assert machine.calls == []
    assert machine.check.reboot_at() is None
    assert not machine.record_path.exists()


def test_the_next_reboot_is_known_in_advance(machine: Machine) -> None:
    assert machine.check.reboot_at() is None
    machine.internet = Internet.LAN_ONLY
    machine.run(MINUTE)
    assert machine.check.reboot_at() == BOOT_S + 30 * MINUTE
    machine.internet = Internet.PORTAL
    machine.run(MINUTE)
    assert machine.check.reboot_at() is None


def test_the_budget_is_exhausted_once_the_wait_is_at_its_longest(machine: Machine) -> None:
    machine.internet = Internet.LAN_ONLY
    machine.run(31 * HOUR)
    assert len(machine.reboots) == 5
    assert not machine.check.backoff.is_exhausted(machine.check.record)
    machine.run(HOUR)
    assert len(machine.reboots) == 6
    assert machine.check.backoff.is_exhausted(machine.check.record)


def test_after_a_restart_of_the_worker_the_outage_goes_on_without_what_nobody_saw() -> None:
    report = WatchdogState(1000.0, 180.0, Internet.LAN_ONLY, 400.0)
    history = InternetHistory()
    history.resume(report, 1100.0)
    assert history.offline_since == 500.0
    assert not history.observe(Internet.LAN_ONLY, 1100.0)


@pytest.mark.parametrize(
    ("now", "since"), [(1181.0, 400.0), (999.0, 400.0), (1100.0, 1000.5), (1100.0, -1.0)]
)
def test_a_report_that_is_old_or_makes_no_sense_is_not_resumed(now: float, since: float) -> None:
    history = InternetHistory()
    history.resume(WatchdogState(1000.0, 180.0, Internet.LAN_ONLY, since), now)
    assert history == InternetHistory()


@pytest.mark.parametrize("since", [0.0, 1000.0])
def test_an_outage_since_the_boot_and_one_of_the_last_check_are_resumed(since: float) -> None:
    history = InternetHistory()
    history.resume(WatchdogState(1000.0, 180.0, Internet.LAN_ONLY, since), 1000.0)
    assert history.offline_since == since


def test_the_first_reboot_is_requested_exactly_when_it_is_due(machine: Machine) -> None:
    machine.internet = Internet.LAN_ONLY
    machine.run(HOUR)
    assert machine.calls == [BOOT_S + 30 * MINUTE]


def test_every_outage_has_its_own_half_hour(machine: Machine) -> None:
    for _ in range(3):
        machine.internet = Internet.LAN_ONLY
        machine.run(29 * MINUTE)
        machine.internet = Internet.ONLINE
        machine.run(2 * HOUR)
    assert machine.calls == []


def test_reboots_are_forgotten_after_exactly_an_hour_online_each_time(machine: Machine) -> None:
    for _ in range(2):
        machine.internet = Internet.LAN_ONLY
        machine.run(2 * HOUR)
        machine.internet = Internet.ONLINE
        machine.run(HOUR)
        assert record_file(machine.record_path).record.attempts == 2
        machine.run(machine.period_s)
        assert record_file(machine.record_path).record == RebootRecord()
