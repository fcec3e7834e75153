from pathlib import Path

import pytest

from hems.supervision.health.container_healthcheck import MAX_AGE_S, check, problem
from hems.supervision.supervisord.hang_guard import HangGuard

BEAT = "0000000000001000.000\n"


@pytest.mark.parametrize("age", [0.0, 5.0, MAX_AGE_S])
def test_a_young_heartbeat_is_healthy(age: float) -> None:
    assert problem(BEAT, 1000 + age) == ""


def test_an_old_heartbeat_is_not() -> None:
    assert problem(BEAT, 1061) == "the last heartbeat is 61 s old"


@pytest.mark.parametrize("text", ["", "now\n"])
def test_a_file_without_seconds_is_not(text: str) -> None:
    assert "expected monotonic seconds" in problem(text, 1000)


def test_a_missing_file_is_not(tmp_path: Path) -> None:
    assert "No such file" in check(str(tmp_path / "heartbeat"))


def test_what_the_guard_writes_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    guard = HangGuard(30, path, print)
    guard.beat(1000.0)
    guard.close()
    assert problem(path.read_text(), 1001.0) == ""
