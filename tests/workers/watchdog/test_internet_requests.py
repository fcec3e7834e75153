"""How a reboot is asked for, and what is written down of it."""

from itertools import pairwise
from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.protocols.watchdog_state import Internet
from hems.workers.watchdog.reboots import Record, load
from tests.workers.watchdog.machine import Answer, Machine

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def test_the_attempt_is_on_disk_before_the_call(machine: Machine) -> None:
    seen: list[Record] = []
    machine.on_call = lambda: seen.append(load(machine.record))
    machine.internet = Internet.NO_LINK
    machine.run(2 * HOUR)
    assert [record.attempts for record in seen] == [1, 2]


def test_the_reason_is_noted_before_the_call(machine: Machine) -> None:
    seen: list[str] = []
    machine.on_call = lambda: seen.extend(machine.journal.lines)
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
    assert load(machine.record).attempts == 1
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
    assert machine.journal.actions == ["reboot", "reboot refused", "reboot not confirmed"]


def test_a_refused_reboot_is_dropped_when_the_internet_is_back(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.LOCKED
    machine.run(HOUR)
    machine.internet, machine.answer = Internet.ONLINE, Answer.REBOOTS
    machine.run(10 * MINUTE)
    machine.internet = Internet.LAN_ONLY
    machine.run(29 * MINUTE)
    assert machine.reboots == []


def test_a_record_that_cannot_be_written_means_no_reboot(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(path: Path, data: bytes) -> None:
        raise Unavailable("No space left on device")

    machine.internet = Internet.LAN_ONLY
    with monkeypatch.context() as patch:
        patch.setattr("hems.system.files.replace", no_space)
        machine.run(DAY)
    assert machine.calls == []
    assert machine.check.record == Record()
    assert machine.check.is_held_back
    assert set(machine.troubles) == {"No space left on device"}
    assert machine.journal.lines == []
    machine.run(MINUTE)
    assert len(machine.reboots) == 1
    assert not machine.check.is_held_back
    assert machine.journal.actions == ["reboot"]


def test_nothing_is_held_back_once_the_internet_is_back(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.internet = Internet.LAN_ONLY
    machine.record.with_name(".reboots.json.new").mkdir()
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
    assert machine.journal.actions[:3] == ["reboot", "reboot refused", "reboot accepted"]


def test_a_reboot_that_may_have_been_heard_is_not_called_refused(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.LOSES
    machine.run(31 * MINUTE)
    assert len(machine.reboots) == 1
    assert machine.journal.lines[1:] == ["reboot not confirmed: no answer within 60 s"]


def test_a_process_that_has_not_asked_before_writes_down_that_it_does(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.LOCKED
    machine.run(HOUR)
    machine.be_away(MINUTE)
    machine.answer = Answer.REBOOTS
    machine.run(11 * MINUTE)
    assert len(machine.reboots) == 1
    assert machine.journal.actions == ["reboot", "reboot refused", "reboot"]


def test_a_second_outage_is_written_down_after_a_reboot_that_never_came(machine: Machine) -> None:
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.PRETENDS
    machine.run(HOUR)
    machine.internet = Internet.ONLINE
    machine.run(MINUTE)
    machine.internet, machine.answer = Internet.LAN_ONLY, Answer.REBOOTS
    machine.run(31 * MINUTE)
    assert len(machine.reboots) == 1
    assert machine.journal.actions == ["reboot", "reboot"]
