"""Which commands are forked."""

import sys
from contextlib import nullcontext

import pytest
from pytest_mock import MockerFixture

from dev.simulator.__main__ import main as simulator_main
from hems.__main__ import main as hems_main
from hems.supervision.processes.preload import PreloadedPackages


def loaded(*names: str) -> tuple[PreloadedPackages, list[str]]:
    lines: list[str] = []
    packages = PreloadedPackages(lines.append)
    packages.load_all(names, nullcontext)
    return packages, lines


@pytest.fixture(scope="module")
def preload() -> PreloadedPackages:
    return loaded("hems")[0]


@pytest.mark.parametrize("interpreter", ["python", "python3"])
def test_the_packages_own_command_is_forked(preload: PreloadedPackages, interpreter: str) -> None:
    assert preload.program([interpreter, "-m", "hems", "led"])


@pytest.mark.parametrize(
    "command",
    [
        ["python"],
        ["python", "-m", "dev.simulator", "balena"],
        ["python", "-X", "dev", "-m", "hems", "led"],
        ["/usr/bin/python", "-m", "hems", "led"],
        ["mosquitto", "-m", "hems"],
    ],
)
def test_another_command_is_executed(preload: PreloadedPackages, command: list[str]) -> None:
    assert preload.program(command) is None


def test_each_of_several_packages_has_its_own_main() -> None:
    packages, lines = loaded("hems", "dev.simulator")
    worker = packages.program(["python", "-m", "hems", "led"])
    simulator = packages.program(["python", "-m", "dev.simulator", "balena"])
    assert worker
    assert simulator
    assert (worker.main, simulator.main) == (hems_main, simulator_main)
    assert lines == []


def test_without_a_package_everything_is_executed() -> None:
    assert loaded()[0].program(["python", "-m", "hems", "led"]) is None


def test_a_package_that_is_not_there_is_one_line_and_is_executed() -> None:
    packages, [line] = loaded("no_such_package")
    assert line.startswith("preload = no_such_package: ModuleNotFoundError: No module named")
    assert line.endswith("; its programs are executed, not forked")
    assert packages.program(["python", "-m", "no_such_package"]) is None


def test_without_setproctitle_nothing_is_forked(mocker: MockerFixture) -> None:
    mocker.patch.dict(sys.modules, setproctitle=None)
    packages, [line] = loaded("hems")
    assert "import of setproctitle halted" in line
    assert packages.program(["python", "-m", "hems", "led"]) is None
