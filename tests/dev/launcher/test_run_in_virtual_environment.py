import ast
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

import hems
from dev.launcher import run_in_virtual_environment
from dev.launcher.run_in_virtual_environment import (
    call,
    call_without_rebuilding,
    enter,
    enter_existing,
    requirements,
)
from hems.errors import ConfigError, Unavailable

ROOT = Path(hems.__file__).parents[1]
BEFORE_INSTALLATION = [
    "hems/__init__.py",
    "hems/errors.py",
    "dev/__init__.py",
    "dev/launcher/__init__.py",
    "dev/launcher/file_lock.py",
    "dev/launcher/desk_repair_commands.py",
    "dev/launcher/mosquitto_or_embedded_broker.py",
    "dev/launcher/run_in_virtual_environment.py",
    "dev/launcher/running_desk.py",
    "dev/launcher/virtual_environment.py",
    "dev/simulator/__init__.py",
    "dev/simulator/meter_faults.py",
    "dev/simulator/linky_variants.py",
    "dev/simulator/tariff_calendars.py",
    "hems/doctor/__init__.py",
    "hems/doctor/repair_commands.py",
    "hems/protocols/__init__.py",
    "hems/system/__init__.py",
    "hems/system/subprocesses.py",
]
IMPORTED_LATER = {"psutil"}  # by process.members, which only ends what an installed hems runs
COMMANDS = sorted(path.relative_to(ROOT) for path in (ROOT / "bin").iterdir() if path.is_file())


def imported(tree: ast.AST) -> set[str]:
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "dev.launcher":
            modules |= {f"dev.launcher.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "hems.system":
            modules |= {f"hems.system.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
    return modules


@pytest.mark.parametrize("path", [*BEFORE_INSTALLATION, *COMMANDS], ids=str)
def test_an_old_python_can_read_what_tells_it_that_it_is_old(path: str) -> None:
    ast.parse((ROOT / path).read_text(), feature_version=(3, 8))


@pytest.mark.parametrize("path", [*BEFORE_INSTALLATION, *COMMANDS], ids=str)
def test_what_runs_before_the_installation_needs_nothing_installed(path: str) -> None:
    known = {
        file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for file in BEFORE_INSTALLATION
    }
    for name in imported(ast.parse((ROOT / path).read_text())) - IMPORTED_LATER:
        assert name in known or name.partition(".")[0] in sys.stdlib_module_names, name


def test_requirements_are_names_without_versions_and_markers(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["one>=2.4,<3", "two==1"]\n'
        "[project.optional-dependencies]\n"
        "more = [\"three.x>1; sys_platform == 'linux'\", \"four[extra]\"]\nother = ['five']\n"
    )
    assert requirements(tmp_path, ["more"]) == ["one", "two", "three.x", "four"]


def test_an_unclosed_quote_in_the_project_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "hems\n')
    with pytest.raises(ConfigError, match=r"^\S+pyproject\.toml: [^\n]+line 2[^\n]+$"):
        requirements(tmp_path, [])


def test_an_old_python_is_named_with_what_is_expected(mocker: MockerFixture) -> None:
    mocker.patch.object(run_in_virtual_environment, "OLDEST", (99, 1))
    with pytest.raises(Unavailable, match=r"found Python 3\..* expected 99\.1 or later"):
        enter([])


@pytest.fixture
def _entered(mocker: MockerFixture) -> Iterator[None]:
    """Be inside the environment already, and restore Ctrl-C afterwards."""
    mocker.patch.object(run_in_virtual_environment, "enter")
    mocker.patch.object(sys, "argv", ["/somewhere/bin/up"])
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def fail(error: BaseException) -> int:
    raise error


@pytest.mark.usefixtures("_entered")
@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ConfigError("found this, expected that"), 78, "up: found this, expected that\n"),
        (ConfigError("1 problem:\n  it"), 78, "up: 1 problem: it\n"),
        (ConfigError("2 problems:\n  a\n  b"), 78, "up: 2 problems:\n  a\n  b\n"),
        (KeyboardInterrupt(), 130, "up: interrupted\n"),
        (
            ModuleNotFoundError(name="rich"),
            1,
            "up: .venv lacks rich: `python3 bin/up` renews it, once no desk is running\n",
        ),
    ],
    ids=["wrong", "one problem", "two problems", "Ctrl-C", "old environment"],
)
def test_an_expected_error_is_one_line_and_its_exit_code(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, line: str
) -> None:
    assert call(f"{__name__}:fail", [], error=error) == code
    assert capsys.readouterr().err == line


@pytest.mark.usefixtures("_entered")
def test_an_ignored_ctrl_c_works_again() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as it is after nohup
    call(f"{__name__}:fail", [], error=ConfigError(""))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


class Replaced(Exception):
    """The process would now be another one."""


@pytest.fixture
def checkout(mocker: MockerFixture, tmp_path: Path) -> Path:
    """Return a checkout whose .venv was made from an older pyproject.toml."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "hems"\ndependencies = ["none-such"]\noptional-dependencies = {}\n'
    )
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    (tmp_path / ".venv" / "ready").write_text("another-fingerprint")
    mocker.patch.object(run_in_virtual_environment, "ROOT", tmp_path)
    mocker.patch("hems.system.subprocesses.replace", side_effect=Replaced)
    mocker.patch(
        "hems.system.subprocesses.run", side_effect=AssertionError("something is installed")
    )
    return tmp_path


def test_an_old_environment_is_used_as_it_is(checkout: Path) -> None:
    with pytest.raises(Replaced):
        enter_existing()


def test_inside_an_old_environment_a_line_says_that_it_is_old(
    checkout: Path, mocker: MockerFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    mocker.patch.object(sys, "prefix", str(checkout / ".venv"))
    enter_existing()
    assert capsys.readouterr().err.startswith(
        ".venv is older than pyproject.toml: `python3 bin/up`"
    )


def test_a_missing_environment_is_made(checkout: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    with pytest.raises(AssertionError, match="something is installed"):
        enter_existing()


@pytest.mark.parametrize("code", [1, 2])
def test_on_a_fresh_clone_a_missing_desk_is_said_before_an_environment_is_made(
    checkout: Path, mocker: MockerFixture, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    shutil.rmtree(checkout / ".venv")
    mocker.patch.object(sys, "prefix", sys.base_prefix)
    mocker.patch.object(sys, "argv", ["bin/status"])
    mocker.patch.object(run_in_virtual_environment, "is_running", return_value=False)
    target = f"{__name__}:fail"
    assert call_without_rebuilding(target, Path("/run/desk"), nothing_runs_code=code) == code
    assert capsys.readouterr().err.startswith("status: no gateway runs in /run/desk; to start")
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("name", ["doctor", "meter", "status"])
def test_a_command_that_looks_at_a_desk_never_rebuilds_its_environment(name: str) -> None:
    assert "call_without_rebuilding(" in (ROOT / "bin" / name).read_text()


def test_only_bin_and_the_environment_know_the_run_folder_of_the_checkout() -> None:
    known = {
        "dev/launcher/commands/up.py",
        "dev/launcher/desk_repair_commands.py",
        "dev/launcher/virtual_environment.py",
        "dev/simulator/__init__.py",
        "dev/simulator/meter_faults.py",
        "dev/simulator/linky_variants.py",
        "dev/simulator/tariff_calendars.py",
    }
    users = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "dev").rglob("*.py")
        if '".hems"' in path.read_text()
    }
    assert users <= known  # a test of another module must not depend on what bin/up left there
