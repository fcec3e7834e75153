"""How InfluxDB is built, and when bin/test begins to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.launcher import influxd_build
from hems.system import subprocesses


@pytest.fixture
def cache(mocker: MockerFixture, tmp_path: Path) -> Path:
    mocker.patch.dict("os.environ", {"XDG_CACHE_HOME": str(tmp_path)})
    mocker.patch.object(influxd_build, "missing", return_value=[])
    return tmp_path / influxd_build.CACHE


def test_it_is_built_once_with_a_low_priority(mocker: MockerFixture, cache: Path) -> None:
    ran: list[Sequence[str]] = []

    def run(argv: Sequence[str], _timeout_s: float, *, folder: Path) -> str:
        assert (folder / "go.mod").exists()
        assert (folder / "rustc-wrapper").stat().st_mode & 0o111
        ran.append(argv)
        return ""

    mocker.patch.object(subprocesses, "run", run)
    for _ in range(2):
        with influxd_build.held() as path:
            assert path == cache / influxd_build.key() / "bin" / "influxd"
    assert [argv[argv.index("go") + 1] for argv in ran] == ["install", "build"]
    assert all(argv[0] == "nice" for argv in ran)


def test_it_is_begun_in_the_background_unless_it_is_there(
    mocker: MockerFixture, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = mocker.patch.object(subprocesses, "ProgramSession")
    influxd_build.start_in_background()
    [argv, _environ, log] = session.call_args.args
    assert argv[1:] == ["-m", "dev.launcher.influxd_build"]
    assert log == cache / "build.log"
    assert str(log) in capsys.readouterr().out
    (cache / influxd_build.key()).mkdir()
    influxd_build.start_in_background()
    assert session.call_count == 1
    assert capsys.readouterr().out == ""


def test_nothing_is_begun_without_the_programs(mocker: MockerFixture, cache: Path) -> None:
    mocker.patch.object(influxd_build, "missing", return_value=["cargo"])
    session = mocker.patch.object(subprocesses, "ProgramSession")
    influxd_build.start_in_background()
    assert not session.called
