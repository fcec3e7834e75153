from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.check.checks import balena_parser_accepts_compose
from dev.check.compose_file import FILE
from hems.errors import ConfigError, Unavailable
from tests.fakes.tree import Tree


class Registry:
    """npm in a network that drops every packet: each command uses all its time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.commands: list[tuple[list[str], bool]] = []  # and whether its folder has the lock file

    def run(self, argv: list[str], timeout_s: float, folder: Path) -> str:
        self.now += timeout_s
        self.commands.append((argv, (folder / "package-lock.json").exists()))
        raise Unavailable(f"{argv[0]} took longer than {timeout_s:g} s")


@pytest.fixture
def registry(mocker: MockerFixture, tree: Tree) -> Registry:
    registry = Registry()
    mocker.patch("hems.system.subprocesses.run", registry.run)
    mocker.patch("time.monotonic", side_effect=lambda: registry.now)
    mocker.patch.dict("os.environ", {"XDG_CACHE_HOME": str(tree.root / "cache")})
    return registry


def test_a_silent_registry_costs_a_minute_in_all(
    registry: Registry, tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Unavailable, match="npm did not fetch balena's parser within 60 s"):
        list(balena_parser_accepts_compose.problems(tree.root))
    assert registry.now == 1060
    assert capsys.readouterr().out == "fetching balena's parser with npm, once: 60 s at most\n"


def test_npm_runs_inside_the_folder_so_that_the_machines_settings_apply(
    registry: Registry, tree: Tree
) -> None:
    with pytest.raises(Unavailable):
        list(balena_parser_accepts_compose.problems(tree.root))
    [(argv, has_lock_file)] = registry.commands
    assert has_lock_file
    assert not any(option.startswith("--prefix") for option in argv)


def test_a_file_that_is_not_yaml_does_not_reach_the_parser(registry: Registry, tree: Tree) -> None:
    (tree.root / FILE).write_text("a: [")
    with pytest.raises(ConfigError, match="is not YAML"):
        list(balena_parser_accepts_compose.problems(tree.root))
    assert registry.now == 1000


Run = Callable[["Machine"], list[str]]


class Machine:
    """A machine whose npm works; `go` is the output of `go version`, None if there is no Go."""

    def __init__(self, go: str | None, failing: str = "") -> None:
        self.go = go
        self.commands: list[list[str]] = []
        self._failing = failing

    def which(self, program: str) -> str | None:
        return f"/usr/bin/{program}" if program == "go" and self.go is not None else None

    def run(self, argv: list[str], timeout_s: float, folder: Path | None = None) -> str:
        self.commands.append(argv)
        if argv[-1] == "version":
            return self.go or ""
        if self._failing and self._failing in argv:
            raise Unavailable(f"{self._failing} failed")
        return ""

    def found(self, part: str) -> list[list[str]]:
        return [argv for argv in self.commands if part in argv]


@pytest.fixture
def run(mocker: MockerFixture, tree: Tree, tmp_path: Path) -> Run:
    """Return a function that runs the check on a machine."""

    def run(machine: Machine) -> list[str]:
        mocker.patch("hems.system.subprocesses.run", machine.run)
        mocker.patch("shutil.which", machine.which)
        mocker.patch.dict("os.environ", {"XDG_CACHE_HOME": str(tmp_path)})
        return list(balena_parser_accepts_compose.problems(tree.root))

    return run


@pytest.mark.parametrize(
    ("go", "is_used"),
    [
        ("go version go1.26.8 linux/amd64", True),
        ("go version go1.24.4 linux/arm64", True),
        ("go version go1.25 linux/arm64", True),
        ("go version go1.24.3 linux/amd64", False),
        ("go version go1.19 linux/amd64", False),
        ("nonsense", False),
        (None, False),
    ],
)
def test_a_go_that_is_too_old_is_fetched(
    run: Run, tmp_path: Path, go: str | None, is_used: bool
) -> None:
    machine = Machine(go)
    assert run(machine) == []
    [build] = machine.found("build")
    assert ("/usr/bin/go" in build) is is_used
    assert len(machine.found("--require-hashes")) == (not is_used)
    assert list((tmp_path / "hems-check").glob("*/build")) == []


def test_the_parser_is_built_once(run: Run) -> None:
    machine = Machine("go version go1.26.8 linux/amd64")
    for _ in range(2):
        run(machine)
    assert len(machine.found("ci")) == len(machine.found("build")) == 1
    assert len(machine.found("node")) == 2


@pytest.mark.parametrize(
    ("go", "failing", "words"),
    [
        ("go version go1.26.8 linux/amd64", "build", "^build failed$"),
        (None, "pip", "^balena's parser needs Go 1.24.4 or newer: pip failed$"),
    ],
)
def test_a_program_that_cannot_be_built_is_named_and_not_tried_again(
    run: Run, go: str | None, failing: str, words: str
) -> None:
    machine = Machine(go, failing)
    with pytest.raises(Unavailable, match=words):
        run(machine)
    assert len(machine.found(failing)) == 1
