import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from hems.desk import debian, launch, testing
from hems.errors import Unavailable
from hems.system import process

MOSQUITTO, NETWORK_MANAGER = debian.PACKAGES[:2]


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
def policy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return where this test's policy-rc.d would be."""
    monkeypatch.setattr(debian, "POLICY", tmp_path / "policy-rc.d")
    return tmp_path / "policy-rc.d"


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize("failures", [0, debian.ATTEMPTS - 1])
def test_packages_are_installed_once_the_lists_are_fresh(
    monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    apt = Apt(failures)
    monkeypatch.setattr(process, "run", apt.run)
    debian.install(["mosquitto"])
    assert apt.ran[:-1] == ["apt-get update"] * (failures + 1)
    assert apt.ran[-1].endswith("--no-install-recommends mosquitto")


@pytest.mark.usefixtures("no_pause")
def test_a_package_that_is_not_where_the_lists_say_is_sought_with_fresh_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    apt = Apt(failures=2, failing="install")
    monkeypatch.setattr(process, "run", apt.run)
    debian.install(["mosquitto"])
    assert ["update" in one for one in apt.ran] == [True, False] * 3


@pytest.mark.usefixtures("no_pause")
def test_a_mirror_that_stays_down_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    apt = Apt(failures=99)
    monkeypatch.setattr(process, "run", apt.run)
    with pytest.raises(Unavailable, match="mirror sync"):
        debian.install(["mosquitto"])
    assert len(apt.ran) == debian.ATTEMPTS


@pytest.mark.parametrize("existing", [None, "#!/bin/true\n"])
def test_no_service_is_started_and_a_policy_of_the_machine_stays(
    monkeypatch: pytest.MonkeyPatch, policy: Path, existing: str | None
) -> None:
    seen = []

    def run(argv: Sequence[str], timeout_s: float) -> str:
        seen.append(policy.read_text() if policy.exists() else None)
        return ""

    monkeypatch.setattr(process, "run", run)
    if existing:
        policy.write_text(existing)
    debian.install(["network-manager"])
    assert seen == [existing, existing or debian.FORBIDDEN]
    assert policy.exists() == bool(existing)


def test_what_is_missing_is_found_by_its_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(debian, "PLACES", str(tmp_path))
    assert NETWORK_MANAGER in debian.missing()
    (tmp_path / "NetworkManager").touch(mode=0o755)
    assert NETWORK_MANAGER not in debian.missing()
    assert MOSQUITTO in debian.missing()


class Replaced(Exception):
    """The process would now be another one."""


def run_tests(monkeypatch: pytest.MonkeyPatch, ci: str, uid: int) -> Apt:
    apt = Apt()

    def replace(argv: Sequence[str]) -> None:
        raise Replaced(" ".join(argv))

    monkeypatch.setattr(process, "run", apt.run)
    monkeypatch.setattr(process, "replace", replace)
    monkeypatch.setattr(debian, "missing", lambda: [MOSQUITTO])
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr("os.getuid", lambda: uid)
    monkeypatch.chdir(launch.ROOT)
    with pytest.raises(Replaced, match="-m tox -e unit -- -k frame"):
        testing.run(tox_arguments=["-e", "unit", "--", "-k", "frame"])
    return apt


def test_root_in_ci_gets_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_tests(monkeypatch, "true", 0).ran != []


@pytest.mark.parametrize(("ci", "uid"), [("", 0), ("true", 1000)])
def test_elsewhere_nothing_is_installed_and_a_line_says_what_is_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str, uid: int
) -> None:
    assert run_tests(monkeypatch, ci, uid).ran == []
    assert "`apt install mosquitto` enables them" in capsys.readouterr().out
