import errno
import math
from dataclasses import replace
from pathlib import Path

import pytest

from hems.protocols.health_report import decode
from hems.supervision.health_file import WRITE_S, HealthFile
from hems.supervision.phases import Phase
from tests.supervision.test_health import BAD, GOOD


def test_a_file_is_written_when_due_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    file = HealthFile(path, print)
    assert file.write(100.0, lambda: [GOOD]) == 100.0 + WRITE_S
    file.write(101.9, lambda: [GOOD, BAD])
    assert decode(path.read_bytes()).written_at == 100.0
    file.write(102.0, lambda: [GOOD, BAD])
    assert [one.name for one in decode(path.read_bytes()).units] == ["led", "eesmart-d2l"]


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    HealthFile(tmp_path / "health.json", print).write(0.0, lambda: [GOOD])
    assert [path.name for path in tmp_path.iterdir()] == ["health.json"]


def test_without_a_path_nobody_is_asked() -> None:
    def rows() -> list[object]:
        raise AssertionError("asked")

    assert HealthFile(None, print).write(0.0, rows) == math.inf  # type: ignore[arg-type]


def test_a_full_disk_is_one_line_when_it_begins_and_one_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    path = tmp_path / "health.json"
    file = HealthFile(path, lines.append)

    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        file.write(0, lambda: [GOOD])
        file.write(10, lambda: [GOOD])
    file.write(20, lambda: [GOOD])
    file.write(30, lambda: [GOOD])
    assert lines == [
        "health_file: [Errno 28] No space left on device",
        f"health_file: {path} is written again",
    ]


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_is_understood_by_who_reads_the_file(tmp_path: Path, phase: Phase) -> None:
    path = tmp_path / "health.json"
    HealthFile(path, print).write(0.0, lambda: [replace(GOOD, state=phase.value)])
    assert decode(path.read_bytes()).units[0].state == phase.value
