"""A gateway for all tests of a process, powered on once; its logs beside whatever fails."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from dev import home_assistant_release
from dev.launcher import build_cache
from tests.e2e import home_assistant_lock, machine
from tests.e2e.chroot import Root
from tests.e2e.gateway import Gateway, gateway, running_gateways
from tests.e2e.meter import TOTAL, Meter
from tests.e2e.visitor import Visitor
from tests.integration.worker_process import eventually

EARLIER = "2025.3.4"  # the first release of the gateway has it
OF_EARLIER = "hems-e2e-earlier"  # the cache of its root
OF_A_NEW_HOME = [Path(__file__).with_name(name) for name in ("test_power_on.py", "test_pages.py")]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what a new home shows: other tests damage it on purpose.

    Refuse a Home Assistant that is older than the gateway's.
    """
    own, wanted = home_assistant_release.version(), config.getoption("--ha")
    if wanted and number(wanted) < number(own):
        why = "services/homeassistant uses what earlier ones do not have"
        raise pytest.UsageError(f"--ha: found {wanted}, expected {own} or later: {why}")
    items.sort(key=lambda item: item.path not in OF_A_NEW_HOME)
    items.sort(key=lambda item: item.path != OF_A_NEW_HOME[0])


def number(version: str) -> list[int]:
    """Return the numbers of a version such as 2026.11.0, 0 for what is none."""
    return [int(part) if part.isdecimal() else 0 for part in version.split(".")]


@pytest.fixture(scope="session")
def version(request: pytest.FixtureRequest) -> str:
    """Return the version of Home Assistant: that of --ha, or the gateway's."""
    return str(request.config.getoption("--ha") or home_assistant_release.version())


@pytest.fixture(scope="session")
def root(version: str) -> Iterator[Path]:
    """Yield the root of Home Assistant, from the cache."""
    machine.require()
    if version == home_assistant_release.version():
        name, build = "hems-e2e", Root(version, home_assistant_lock.LOCK)
    else:
        name, build = "hems-e2e-other", Root(version)
    with build_cache.held(name, build.key(), build.make) as directory:
        yield directory


@pytest.fixture(scope="session")
def earlier_root() -> Iterator[Path]:
    """Yield the root of the release from which homes come, from the cache."""
    machine.require()
    build = Root(EARLIER)
    with build_cache.held(OF_EARLIER, build.key(), build.make) as directory:
        yield directory


@pytest.fixture(scope="session")
def home(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(root, tmp_path_factory.mktemp("gateway")) as whole:
        whole.power_on()
        yield whole


@pytest.fixture(scope="session")
def owner(home: Gateway) -> Visitor:
    return Visitor(home.site)


@pytest.fixture(scope="session")
def meter(home: Gateway, owner: Visitor) -> Meter:
    """Return the home's meter, which Home Assistant knows already."""
    announced = Meter(home.site)
    value = announced.push()
    eventually(lambda: owner.state(TOTAL) == value, 30, "the first reading")
    return announced


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        sections = [("what the services say", one.report()) for one in running_gateways]
        report.sections += sections
    return report
