"""Which commands are forked, and what their exit status is."""

import pytest

from hems.supervision.preload import Preload


@pytest.fixture(scope="module")
def preload() -> Preload:
    return Preload("hems")


@pytest.mark.parametrize("interpreter", ["python", "python3"])
def test_the_packages_own_command_is_forked(preload: Preload, interpreter: str) -> None:
    assert preload.main([interpreter, "-m", "hems", "led"])


@pytest.mark.parametrize(
    "command",
    [
        ["python"],
        ["python", "-m", "hems.desk", "balena"],
        ["python", "-X", "dev", "-m", "hems", "led"],
        ["/usr/bin/python", "-m", "hems", "led"],
        ["mosquitto", "-m", "hems"],
    ],
)
def test_another_command_is_executed(preload: Preload, command: list[str]) -> None:
    assert preload.main(command) is None


def test_without_a_package_everything_is_executed() -> None:
    assert Preload().main(["python", "-m", "", "led"]) is None


def test_a_package_that_is_not_there_is_told() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        Preload("no_such_package")
