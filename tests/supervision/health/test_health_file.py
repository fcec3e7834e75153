import errno
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.protocols.gateway.unit_health_file import decode
from hems.supervision.health.health_file import WRITE_S, HealthFile
from hems.supervision.health.health_json import HealthEncoder
from hems.supervision.health.health_row import HealthRow
from hems.supervision.units.unit_phase import HealthState
from tests.supervision.health.test_health_table import BAD, GOOD, PROBLEM


def report(*rows: HealthRow) -> Callable[[float], str]:
    return partial(HealthEncoder().report, rows)


def test_a_file_is_written_when_due_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    file = HealthFile(path, print)
    file.write(100.0, report(GOOD))
    file.write(99.9 + WRITE_S, report(GOOD, BAD))
    assert decode(path.read_bytes()).written_at == 100.0
    file.write(100.0 + WRITE_S, report(GOOD, BAD))
    assert [one.name for one in decode(path.read_bytes()).units] == ["led", "eesmart-d2l"]


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    HealthFile(tmp_path / "health.json", print).write(0.0, report(GOOD))
    assert [path.name for path in tmp_path.iterdir()] == ["health.json"]


def test_without_a_path_nobody_is_asked() -> None:
    def asked(_now: float) -> str:
        raise AssertionError("asked")

    HealthFile(None, print).write(0.0, asked)


def test_every_fault_is_one_line_when_it_begins_and_one_when_it_ends(
    tmp_path: Path, mocker: MockerFixture
) -> None:
    lines: list[str] = []
    path = tmp_path / "health.json"
    file = HealthFile(path, lines.append)
    full = OSError(errno.ENOSPC, "No space left on device")
    for begin in (0, 40):
        write_text = mocker.patch.object(Path, "write_text", side_effect=full)
        file.write(begin, report(GOOD))
        file.write(begin + 10, report(GOOD))
        mocker.stop(write_text)
        file.write(begin + 20, report(GOOD))
        file.write(begin + 30, report(GOOD))
    assert lines == 2 * [
        "health_file: [Errno 28] No space left on device; trying again",
        "health_file: works again after 20 s",
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"written_at":1,"units":[{}]}', "\udcff"])
def test_what_another_version_has_left_is_ignored(tmp_path: Path, text: str) -> None:
    path = tmp_path / "health.json"
    assert list(HealthFile(path, print).previous(10.0)) == []
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert list(HealthFile(path, print).previous(10.0)) == []


def test_the_problems_that_an_earlier_supervisord_has_left_are_read(tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    HealthFile(path, print).write(1.0, report(GOOD._replace(problems=(PROBLEM,))))
    [row] = HealthFile(path, print).previous(10.0)
    assert row.problems == (PROBLEM,)


@pytest.mark.parametrize("phase", HealthState)
def test_every_phase_is_understood_by_who_reads_the_file(
    tmp_path: Path, phase: HealthState
) -> None:
    path = tmp_path / "health.json"
    HealthFile(path, print).write(0.0, report(GOOD._replace(state=phase.value)))
    assert decode(path.read_bytes()).units[0].state is phase
