from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.supervision.processes import resource_limits

MEGABYTE = 1 << 20


@pytest.fixture
def score(mocker: MockerFixture, tmp_path: Path) -> Path:
    """Return the OOM score adjustment of a supervisord that uses 50 MB of 256 MB."""
    resource_limits.protect_supervisor.cache_clear()
    path = tmp_path / "oom_score_adj"
    path.write_text("7\n")
    limit = tmp_path / "memory.max"
    limit.write_text(str(256 * MEGABYTE))
    mocker.patch.object(resource_limits, "SCORE", path)
    mocker.patch.object(resource_limits, "_MEMORY_LIMITS", (limit, tmp_path / "missing"))
    mocker.patch.object(resource_limits, "_used_memory", return_value=50 * MEGABYTE)
    return path


def test_supervisord_lowers_its_own_score_once(score: Path) -> None:
    for _ in range(2):  # a reload does not lower it again
        assert resource_limits.protect_supervisor() == 7
        assert score.read_text() == str(7 - 391)


def test_where_it_may_not_its_units_have_a_higher_one(score: Path, mocker: MockerFixture) -> None:
    mocker.patch.object(resource_limits, "set_oom_score_adjust", side_effect=PermissionError)
    assert resource_limits.protect_supervisor() == 7 + 391
    assert score.read_text() == "7\n"


def test_without_a_limit_the_memory_is_the_machines(score: Path, mocker: MockerFixture) -> None:
    mocker.patch.object(resource_limits, "_MEMORY_LIMITS", ())
    assert resource_limits.protect_supervisor() == 7
    assert 7 - 391 < int(score.read_text()) < 7
