"""How the watchdog requests a reboot, and what it records."""

from itertools import pairwise

import pytest
from pytest_mock import MockerFixture

from hems.errors import Unavailable
from hems.protocols.gateway.watchdog_report import Internet
from hems.workers.watchdog.reboot_backoff import RebootRecord, record_file
from tests.workers.watchdog.machine import Answer, Machine

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def test_the_attempt_is_on_disk_before_the_call(machine: Machine) -> None:
    seen: list[RebootRecord] = []
    machine.on_call = lambda: seen.append(record_file(machine.record_path).record)
    machine.internet = Internet.NO_LINK
    machine.run(2 * HOUR)
    assert [record.attempts for record in seen] == [1, 2]


def test_the_reason_is_noted_before_the_call(machine: Machine) -> None:
    seen: list[str] = []
    machine.on_call = lambda: seen.extend(machine.restart_log.lines)
    machine.internet = Internet.NO_LINK
    machine.run(31 * MINUTE)
    assert seen == ["reboot: no link, no internet for 30 min (no answers)"]


@pytest.mark.parametrize("answer", [Answer.LOCKED, Answer.SILENT, Answer.PRETENDS])
def test_a_reboot_that_does_not_come_is_asked_for_again_and_counts_once(
    machine: Machine, answer: Answer
) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, answer
    machine.run(3 * HOUR)
    assert {after - before for before, after in pairwise(machine.calls)} == {600.0}
    assert record_file(machine.record_path).record.attempts == 1
    machine.answer = Answer.REBOOTS
    machine.run(11 * MINUTE)
    assert len(machine.reboots) == 1
    machine.run(45 * MINUTE)
    assert len(machine.reboots) == 1
    machine.run(20 * MINUTE)
    assert len(machine.reboots) == 2


def test_a_refusal_is_noted_once_in_each_of_its_wordings(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.LOCKED
    machine.run(3 * HOUR)
    machine.answer = Answer.SILENT
    machine.run(3 * HOUR)
    assert machine.restart_log.actions == ["reboot", "reboot refused", "reboot not confirmed"]


def test_a_refused_reboot_is_dropped_when_the_internet_is_back(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.LOCKED
    machine.run(HOUR)
    machine.internet, machine.answer = Internet.ONLINE, Answer.REBOOTS
    machine.run(10 * MINUTE)
    machine.internet = Internet.LAN_ONLY
    machine.run(29 * MINUTE)
    assert machine.reboots == []


def test_a_record_that_cannot_be_written_means_no_reboot(
    machine: Machine, mocker: MockerFixture
) -> None:
    error = Unavailable("No space left on device")
    full_disk = mocker.patch("hems.system.files.replace", side_effect=error)
    machine.internet = Internet.LAN_ONLY
    machine.run(DAY)
    mocker.stop(full_disk)
    assert machine.calls == []
    assert machine.check.record == RebootRecord()
    assert machine.check.is_held_back
    assert set(machine.troubles) == {"No space left on device"}
    assert machine.restart_log.lines == []
    machine.run(MINUTE)
    assert len(machine.reboots) == 1
    assert not machine.check.is_held_back
    assert machine.restart_log.actions == ["reboot"]


def test_nothing_is_held_back_once_the_internet_is_back(
    machine: Machine,
) -> None:
    machine.internet = Internet.LAN_ONLY
    machine.record_path.with_name(".reboots.json.new").mkdir()
    machine.run(HOUR)
    assert machine.check.is_held_back
    machine.internet = Internet.ONLINE
    machine.run(MINUTE)
    assert not machine.check.is_held_back


def test_a_reboot_accepted_after_a_refusal_is_written_down(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.LOCKED
    machine.run(3 * HOUR)
    machine.answer = Answer.REBOOTS
    machine.run(HOUR)
    assert machine.restart_log.actions[:3] == ["reboot", "reboot refused", "reboot accepted"]


def test_a_reboot_that_may_have_been_heard_is_not_called_refused(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.LOSES
    machine.run(31 * MINUTE)
    assert len(machine.reboots) == 1
    assert machine.restart_log.lines[1:] == ["reboot not confirmed: no answer within 60 s"]


def test_a_process_that_has_not_asked_before_writes_down_that_it_does(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.LOCKED
    machine.run(HOUR)
    machine.be_away(MINUTE)
    machine.answer = Answer.REBOOTS
    machine.run(11 * MINUTE)
    assert len(machine.reboots) == 1
    assert machine.restart_log.actions == ["reboot", "reboot refused", "reboot"]


def test_a_second_outage_is_written_down_after_a_reboot_that_never_came(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.PRETENDS
    machine.run(HOUR)
    machine.internet = Internet.ONLINE
    machine.run(MINUTE)
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.REBOOTS
    machine.run(31 * MINUTE)
    assert len(machine.reboots) == 1
    assert machine.restart_log.actions == ["reboot", "reboot"]


def test_every_refusal_and_every_acceptance_after_one_is_written_down(machine: Machine) -> None:
    machine.internet = Internet.LAN_ONLY
    for answer in (Answer.LOCKED, Answer.PRETENDS) * 2:
        machine.answer = answer
        machine.run(2 * HOUR)
    outcomes = ["reboot refused", "reboot accepted"]
    assert machine.restart_log.actions == ["reboot", *outcomes, *outcomes]


def test_each_outage_has_its_reboot_and_its_refusal_written_down(machine: Machine) -> None:
    machine.answer = Answer.LOCKED
    for _ in range(2):
        machine.internet = Internet.LAN_ONLY
        machine.run(2 * HOUR)
        machine.internet = Internet.ONLINE
        machine.run(MINUTE)
    assert machine.restart_log.actions == ["reboot", "reboot refused"] * 2


def test_an_accepted_reboot_that_does_not_happen_is_known_until_the_supervisor_answers(
    machine: Machine,
) -> None:
    machine.internet = Internet.LAN_ONLY
    for number in range(1, 3):
        machine.answer = Answer.PRETENDS
        machine.run(31 * MINUTE)
        assert not machine.check.is_reboot_lost
        machine.answer = Answer.SILENT
        machine.run(HOUR)
        assert machine.check.is_reboot_lost
        line = "reboot did not happen: balena accepted it 10 min ago and has been silent since"
        assert [line in entry for entry in machine.restart_log.lines].count(True) == number
        machine.answer = Answer.PRETENDS
        machine.run(11 * MINUTE)
        assert not machine.check.is_reboot_lost


def test_a_lost_reboot_is_forgotten_when_the_internet_is_back(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.PRETENDS
    machine.run(31 * MINUTE)
    machine.answer = Answer.SILENT
    machine.run(HOUR)
    assert machine.check.is_reboot_lost
    machine.internet = Internet.ONLINE
    machine.run(MINUTE)
    assert not machine.check.is_reboot_lost


def test_a_lock_after_an_accepted_reboot_is_no_lost_reboot(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.PRETENDS
    machine.run(31 * MINUTE)
    machine.answer = Answer.LOCKED
    machine.run(HOUR)
    assert not machine.check.is_reboot_lost
    assert machine.restart_log.actions[-1] == "reboot refused"


def test_an_acceptance_of_an_earlier_outage_does_not_count_twice(machine: Machine) -> None:
    for _ in range(2):
        machine.internet, machine.answer = Internet.LAN_ONLY, Answer.PRETENDS
        machine.run(90 * MINUTE)
        machine.internet = Internet.ONLINE
        machine.run(2 * HOUR)  # until earlier reboots are forgotten
        machine.internet, machine.answer = Internet.LAN_ONLY, Answer.SILENT
        machine.run(45 * MINUTE)
        assert not machine.check.is_reboot_lost
        assert machine.restart_log.actions[-1] == "reboot not confirmed"
        machine.internet = Internet.ONLINE
        machine.run(2 * HOUR)


def test_a_requested_reboot_is_not_held_back(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.PRETENDS
    for _ in range(int(HOUR / machine.period_s)):
        machine.run(machine.period_s)
        assert not machine.check.is_held_back
    assert len(machine.calls) > 1
