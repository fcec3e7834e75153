from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.workers.watchdog.reboots import MANY, Backoff, Record, load, save

HERE, ELSEWHERE = "this boot", "an earlier boot"
BACKOFF = Backoff(first_s=60.0, longest_s=1000.0, min_uptime_s=500.0, retry_s=100.0, boot_id=HERE)


@pytest.mark.parametrize(
    ("reboots", "wait_s"), [(0, 60.0), (1, 120.0), (4, 960.0), (5, 1000.0), (10**30, 1000.0)]
)
def test_the_wait_doubles_to_its_longest(reboots: int, wait_s: float) -> None:
    assert BACKOFF.wait_s(reboots) == wait_s


@pytest.mark.parametrize(
    ("record", "offline_since", "due_at"),
    [
        (Record(), 1000.0, 1060.0),
        (Record(), 0.0, 500.0),  # not before min_uptime_s
        (Record(1, ELSEWHERE, 900.0), 1000.0, 1120.0),
        (Record(1, HERE, 900.0), 1000.0, 1060.0),  # did not come true, so is the same attempt
        (Record(1, HERE, 1050.0), 1000.0, 1150.0),  # not sooner than retry_s
        (Record(3, HERE, 1050.0), 1000.0, 1240.0),
    ],
)
def test_when_a_reboot_is_due(record: Record, offline_since: float, due_at: float) -> None:
    assert BACKOFF.due_at(record, offline_since) == due_at


def test_an_attempt_counts_once_in_a_boot() -> None:
    first = BACKOFF.asked(Record(2, ELSEWHERE, 10.0), 900.0)
    assert first == Record(3, HERE, 900.0)
    assert BACKOFF.asked(first, 1000.0) == Record(3, HERE, 1000.0)


@pytest.mark.parametrize(
    ("record", "is_exhausted"),
    [(Record(4, ELSEWHERE), False), (Record(5, ELSEWHERE), True), (Record(5, HERE), False)],
)
def test_the_budget_is_exhausted_by_reboots_in_vain(record: Record, is_exhausted: bool) -> None:
    assert BACKOFF.is_exhausted(record) is is_exhausted


def test_a_constant_wait_is_not_exhausted_from_the_start() -> None:
    assert not Backoff(60.0, 60.0, 0.0, 1.0, HERE).is_exhausted(Record())


def test_a_record_survives_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "reboots.json"
    assert load(path) == Record()
    save(path, Record(3, HERE, 12.5))
    assert load(path) == Record(3, HERE, 12.5)


def test_a_record_cut_anywhere_counts_as_many(tmp_path: Path) -> None:
    path = tmp_path / "reboots.json"
    save(path, Record(3, HERE, 12.5))
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert load(path) == Record(attempts=MANY)


def test_a_record_that_cannot_be_read_counts_as_many(tmp_path: Path) -> None:
    assert load(tmp_path) == Record(attempts=MANY)


def test_a_record_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be written"):
        save(tmp_path / "missing" / "reboots.json", Record())
