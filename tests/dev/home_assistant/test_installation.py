from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev import home_assistant_release
from dev.home_assistant import installation
from dev.launcher import build_cache
from hems.errors import Unavailable
from hems.system import subprocesses

VERSION = home_assistant_release.version()
RUN_DIR = Path("/run/desk")


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch.dict("os.environ", {"XDG_CACHE_HOME": str(tmp_path)})


def root_of(version: str) -> Path:
    root = build_cache.home(installation.ROOTS) / "key"
    packages = root / "usr/local/lib/python3.14/dist-packages"
    (packages / f"homeassistant-{version}.dist-info").mkdir(parents=True)
    return root


def test_root_uses_the_root_that_the_tests_keep(mocker: MockerFixture) -> None:
    mocker.patch("os.geteuid", return_value=0)
    root = root_of(VERSION)
    with installation.command(RUN_DIR) as argv:
        assert argv[0] == "unshare"
        assert [*argv[-2:]] == [str(root), str(RUN_DIR)]


@pytest.mark.parametrize(("user", "version"), [(1000, VERSION), (0, "2025.3.4")])
def test_everybody_else_gets_an_environment_once(
    mocker: MockerFixture, user: int, version: str
) -> None:
    mocker.patch("os.geteuid", return_value=user)
    run = mocker.patch.object(subprocesses, "run")
    root_of(version)
    for _ in range(2):
        with installation.command(RUN_DIR) as argv:
            assert argv[0].endswith("/bin/python")
            assert str(RUN_DIR / "gateway" / "secrets") in argv
    commands = [call.args[0][3:5] for call in run.call_args_list]
    assert commands == [["venv", "--quiet"], ["pip", "install"]]


def test_without_a_python_one_line_says_how_to_get_it(mocker: MockerFixture) -> None:
    mocker.patch("os.geteuid", return_value=1000)
    mocker.patch.object(subprocesses, "run", side_effect=Unavailable("uv:\n  no interpreter"))
    with pytest.raises(Unavailable) as caught, installation.command(RUN_DIR):
        pass
    line = str(caught.value)
    assert line.startswith(f"Home Assistant {VERSION} needs Python 3.14")
    assert "uv: no interpreter" in line
    assert "uv python install 3.14" in line
    assert "\n" not in line
