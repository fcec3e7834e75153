from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.workers.watchdog.reboot_backoff import (
    UNREADABLE,
    RebootBackoff,
    RebootRecord,
    record_file,
)

HERE, ELSEWHERE = "this boot", "an earlier boot"
BACKOFF = RebootBackoff(
    first_s=60.0, longest_s=1000.0, min_uptime_s=500.0, retry_s=100.0, boot_id=HERE
)


@pytest.mark.parametrize(
    ("reboots", "wait_s"), [(0, 60.0), (1, 120.0), (4, 960.0), (5, 1000.0), (10**30, 1000.0)]
)
def test_the_wait_doubles_to_its_longest(reboots: int, wait_s: float) -> None:
    assert BACKOFF.wait_s(reboots) == wait_s


@pytest.mark.parametrize(
    ("record", "offline_since", "due_at"),
    [
        (RebootRecord(), 1000.0, 1060.0),
        (RebootRecord(), 0.0, 500.0),  # not before min_uptime_s
        (RebootRecord(1, ELSEWHERE, 900.0), 1000.0, 1120.0),
        (RebootRecord(1, HERE, 900.0), 1000.0, 1060.0),  # did not come true, so is the same attempt
        (RebootRecord(1, HERE, 1050.0), 1000.0, 1150.0),  # not sooner than retry_s
        (RebootRecord(3, HERE, 1050.0), 1000.0, 1240.0),
        (RebootRecord(0, HERE, 1050.0), 1000.0, 1060.0),  # no attempt, so none is pending
    ],
)
def test_when_a_reboot_is_due(record: RebootRecord, offline_since: float, due_at: float) -> None:
    assert BACKOFF.due_at(record, offline_since) == due_at


def test_an_attempt_counts_once_in_a_boot() -> None:
    first = BACKOFF.requested(RebootRecord(2, ELSEWHERE, 10.0), 900.0)
    assert first == RebootRecord(3, HERE, 900.0)
    assert BACKOFF.requested(first, 1000.0) == RebootRecord(3, HERE, 1000.0)


@pytest.mark.parametrize(
    ("record", "is_exhausted"),
    [
        (RebootRecord(4, ELSEWHERE), False),
        (RebootRecord(5, ELSEWHERE), True),
        (RebootRecord(5, HERE), False),
    ],
)
def test_the_budget_is_exhausted_by_reboots_that_do_not_help(
    record: RebootRecord, is_exhausted: bool
) -> None:
    assert BACKOFF.is_exhausted(record) is is_exhausted


def test_a_constant_wait_is_not_exhausted_from_the_start() -> None:
    assert not RebootBackoff(60.0, 60.0, 0.0, 1.0, HERE).is_exhausted(RebootRecord())


def test_a_record_survives_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "reboots.json"
    assert record_file(path).record == RebootRecord()
    record_file(path).save(RebootRecord(3, HERE, 12.5))
    assert record_file(path).record == RebootRecord(3, HERE, 12.5)


def test_a_record_cut_anywhere_counts_as_many(tmp_path: Path) -> None:
    path = tmp_path / "reboots.json"
    record_file(path).save(RebootRecord(3, HERE, 12.5))
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert record_file(path).record == UNREADABLE


def test_a_record_that_cannot_be_read_counts_as_many(tmp_path: Path) -> None:
    assert record_file(tmp_path).record == UNREADABLE


def test_a_record_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be written"):
        record_file(tmp_path / "missing" / "reboots.json").save(RebootRecord())


def test_a_record_of_an_earlier_version_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "reboots.json"
    path.write_bytes(b'{"attempts":3,"boot_id":"an earlier boot","asked_at":12.5}')
    assert record_file(path).record == RebootRecord(3, ELSEWHERE, 12.5)
