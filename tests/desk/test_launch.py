import ast
import sys
from pathlib import Path

import pytest

import hems
from hems.desk import launch
from hems.desk.launch import call, enter, requirements
from hems.errors import ConfigError, Unavailable

ROOT = Path(hems.__file__).parents[1]
BEFORE_INSTALLATION = [
    "hems/__init__.py",
    "hems/errors.py",
    "hems/desk/__init__.py",
    "hems/desk/broker.py",
    "hems/desk/launch.py",
    "hems/desk/venv.py",
    "hems/protocols/__init__.py",
    "hems/protocols/mosquitto.py",
    "hems/system/__init__.py",
    "hems/system/process.py",
]
COMMANDS = sorted(path.relative_to(ROOT) for path in (ROOT / "bin").iterdir() if path.is_file())


def imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "hems.desk":
            found |= {f"hems.desk.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "hems.system":
            found |= {f"hems.system.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", [*BEFORE_INSTALLATION, *COMMANDS], ids=str)
def test_an_old_python_can_read_what_tells_it_that_it_is_old(path: str) -> None:
    ast.parse((ROOT / path).read_text(), feature_version=(3, 8))


@pytest.mark.parametrize("path", [*BEFORE_INSTALLATION, *COMMANDS], ids=str)
def test_what_runs_before_the_installation_needs_nothing_installed(path: str) -> None:
    known = {file.removesuffix(".py").replace("/", ".") for file in BEFORE_INSTALLATION}
    for name in imported(ast.parse((ROOT / path).read_text())):
        assert name in known or name.partition(".")[0] in sys.stdlib_module_names, name


def test_requirements_are_names_without_versions_and_markers(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["one>=2.4,<3", "two==1"]\n'
        "[project.optional-dependencies]\n"
        "more = [\"three.x>1; sys_platform == 'linux'\", \"four[extra]\"]\nother = ['five']\n"
    )
    assert requirements(tmp_path, ["more"]) == ["one", "two", "three.x", "four"]


def test_an_old_python_is_named_with_what_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "OLDEST", (99, 1))
    with pytest.raises(Unavailable, match=r"found Python 3\..* expected 99\.1 or later"):
        enter([])


def test_an_expected_error_is_one_message_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(extras: list[str]) -> None:
        raise ConfigError("found this, expected that")

    monkeypatch.setattr(launch, "enter", wrong)
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/up"])
    assert call("unused:unused", []) == 78
    assert capsys.readouterr().err == "up: found this, expected that\n"


def test_ctrl_c_is_not_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(extras: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(launch, "enter", interrupted)
    assert call("unused:unused", []) == 130
