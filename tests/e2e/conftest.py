"""One gateway, powered on once, for all tests of this folder; its logs beside whatever fails."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from dev.launcher import build_cache
from tests.e2e import chroot, machine
from tests.e2e.gateway import Gateway, gateway
from tests.e2e.meter import TOTAL, Meter
from tests.e2e.visitor import Visitor
from tests.integration.worker_process import eventually

RUNNING = pytest.StashKey[Gateway]()


@pytest.fixture(scope="session")
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    machine.require()
    with (
        build_cache.held("hems-e2e", chroot.key(), chroot.make) as root,
        gateway(root, tmp_path_factory.mktemp("gateway")) as whole,
    ):
        request.config.stash[RUNNING] = whole
        whole.power_on()
        yield whole


@pytest.fixture(scope="session")
def owner(home: Gateway) -> Visitor:
    return Visitor(home.site)


@pytest.fixture(scope="session")
def meter(home: Gateway, owner: Visitor) -> Meter:
    """Return the home's meter, which Home Assistant knows already."""
    found = Meter(home.site)
    value = found.push()
    eventually(lambda: owner.state(TOTAL) == value, 30, "the first reading")
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    running = item.config.stash.get(RUNNING, None)
    if report.failed and running is not None:
        report.sections.append(("what the services say", running.report()))
    return report
