import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from dev.launcher import debian_test_packages, influxd_build
from dev.launcher.commands import test
from hems.errors import Unavailable
from hems.system import subprocesses

MOSQUITTO, NETWORK_MANAGER = debian_test_packages.PACKAGES[:2]


class Apt:
    """Records what is run; the first `failures` times `failing` fails."""

    def __init__(self, failures: int = 0, failing: str = "update") -> None:
        self.failures = failures
        self.failing = failing
        self.ran: list[str] = []

    def run(self, argv: Sequence[str], timeout_s: float) -> str:
        self.ran.append(" ".join(argv))
        if self.failing in argv and self.failures:
            self.failures -= 1
            raise Unavailable("mirror sync in progress")
        return ""


@pytest.fixture(autouse=True)
def policy(mocker: MockerFixture, tmp_path: Path) -> Path:
    """Return where this test's policy-rc.d would be."""
    mocker.patch.object(debian_test_packages, "POLICY", tmp_path / "policy-rc.d")
    return tmp_path / "policy-rc.d"


@pytest.fixture
def no_pause(mocker: MockerFixture) -> None:
    mocker.patch.object(time, "sleep")


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize("failures", [0, debian_test_packages.ATTEMPTS - 1])
def test_packages_are_installed_once_the_lists_are_fresh(
    mocker: MockerFixture, failures: int
) -> None:
    apt = Apt(failures)
    mocker.patch.object(subprocesses, "run", apt.run)
    debian_test_packages.install(["mosquitto"])
    assert apt.ran[:-1] == ["apt-get update"] * (failures + 1)
    assert apt.ran[-1].endswith("--no-install-recommends mosquitto")


@pytest.mark.usefixtures("no_pause")
def test_a_package_that_is_not_where_the_lists_say_is_sought_with_fresh_ones(
    mocker: MockerFixture,
) -> None:
    apt = Apt(failures=2, failing="install")
    mocker.patch.object(subprocesses, "run", apt.run)
    debian_test_packages.install(["mosquitto"])
    assert ["update" in one for one in apt.ran] == [True, False] * 3


@pytest.mark.usefixtures("no_pause")
def test_a_mirror_that_stays_down_is_an_error(mocker: MockerFixture) -> None:
    apt = Apt(failures=99)
    mocker.patch.object(subprocesses, "run", apt.run)
    with pytest.raises(Unavailable, match="mirror sync"):
        debian_test_packages.install(["mosquitto"])
    assert len(apt.ran) == debian_test_packages.ATTEMPTS


@pytest.mark.parametrize("existing", [None, "#!/bin/true\n"])
def test_no_service_is_started_and_a_policy_of_the_machine_stays(
    mocker: MockerFixture, policy: Path, existing: str | None
) -> None:
    seen = []

    def run(argv: Sequence[str], timeout_s: float) -> str:
        seen.append(policy.read_text() if policy.exists() else None)
        return ""

    mocker.patch.object(subprocesses, "run", run)
    if existing:
        policy.write_text(existing)
    debian_test_packages.install(["network-manager"])
    assert seen == [existing, existing or debian_test_packages.FORBIDDEN]
    assert policy.exists() == bool(existing)


def test_what_is_missing_is_found_by_its_program(mocker: MockerFixture, tmp_path: Path) -> None:
    mocker.patch.dict("os.environ", {"PATH": str(tmp_path)})
    mocker.patch.object(debian_test_packages, "PLACES", str(tmp_path))
    assert NETWORK_MANAGER in debian_test_packages.missing()
    (tmp_path / "NetworkManager").touch(mode=0o755)
    assert NETWORK_MANAGER not in debian_test_packages.missing()
    assert MOSQUITTO in debian_test_packages.missing()


class Replaced(Exception):
    """The process would now be another one."""


def run_tests(mocker: MockerFixture, ci: str, uid: int) -> Apt:
    apt = Apt()

    def replace(argv: Sequence[str]) -> None:
        raise Replaced(" ".join(argv))

    mocker.patch.object(subprocesses, "run", apt.run)
    mocker.patch.object(subprocesses, "replace", replace)
    mocker.patch.object(debian_test_packages, "missing", return_value=[MOSQUITTO])
    mocker.patch.dict("os.environ", {"CI": ci})
    mocker.patch("os.getuid", return_value=uid)
    mocker.patch("os.chdir")
    start = mocker.patch.object(influxd_build, "start_in_background")
    with pytest.raises(Replaced, match="-m tox -e unit -- -k frame"):
        test.run(tox_arguments=["-e", "unit", "--", "-k", "frame"])
    assert start.called == (ci == "true")
    return apt


def test_root_in_ci_gets_what_is_missing(mocker: MockerFixture) -> None:
    assert run_tests(mocker, "true", 0).ran != []


@pytest.mark.parametrize(("ci", "uid"), [("", 0), ("true", 1000)])
def test_elsewhere_nothing_is_installed_and_a_line_says_what_is_skipped(
    mocker: MockerFixture, capsys: pytest.CaptureFixture[str], ci: str, uid: int
) -> None:
    assert run_tests(mocker, ci, uid).ran == []
    assert "`apt install mosquitto` enables them" in capsys.readouterr().out
