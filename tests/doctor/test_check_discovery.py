"""Writing one file in hems/doctor/checks is enough to run a check."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from hems.doctor import checks
from hems.doctor.check_discovery import discover
from hems.doctor.check_interface import CheckContext, ok
from hems.doctor.check_runner import run_checks
from hems.settings import Settings

CONTEXT = CheckContext(Settings())
MODULE = """
from hems.doctor.check_interface import ok

TITLE = "battery"
CAUSES = ("clock",)

def check(context):
    return [ok(f"charged, mode {context.settings.iptables_init.mode}")]
"""


@pytest.fixture
def with_battery(tmp_path: Path, mocker: MockerFixture) -> Iterator[None]:
    """Add a module `battery` to the checks, as a new file in their folder would."""
    (tmp_path / "battery.py").write_text(MODULE)
    mocker.patch.object(checks, "__path__", [*checks.__path__, str(tmp_path)])
    yield
    del sys.modules["hems.doctor.checks.battery"], checks.battery  # type: ignore[attr-defined]


@pytest.mark.usefixtures("with_battery")
def test_a_new_module_runs_without_being_registered() -> None:
    (battery,) = [check for check in discover(CONTEXT) if check.title == "battery"]
    findings = run_checks([battery], 10.0, "again")
    assert findings == {"battery": [ok("charged, mode enforce")]}


@pytest.mark.usefixtures("with_battery")
def test_a_check_comes_after_its_causes() -> None:
    titles = [check.title for check in discover(CONTEXT)]
    assert titles.index("battery") > titles.index("clock")


def test_every_module_of_the_folder_runs_once() -> None:
    modules = [path for path in Path(checks.__path__[0]).glob("*.py") if path.stem != "__init__"]
    titles = [check.title for check in discover(CONTEXT)]
    assert len(modules) == len(titles) == len(set(titles))


@pytest.mark.parametrize(
    ("cause", "consequence"),
    [
        ("settings", "disk"),
        ("disk", "volumes"),
        ("clock", "certificate"),
        ("units", "firewall"),
        ("problems", "INFLUX_TOKEN"),
        ("services", "MQTT login"),
        ("certificate", "TLS"),
        ("MQTT login", "readings"),
    ],
)
def test_the_report_lists_causes_first(cause: str, consequence: str) -> None:
    titles = [check.title for check in discover(CONTEXT)]
    assert titles.index(cause) < titles.index(consequence)
