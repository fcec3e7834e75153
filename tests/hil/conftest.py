"""One guest for all tests of this folder, and its log beside whatever fails."""

from collections.abc import Generator, Iterator

import pytest

from hems.desk import cache
from tests.hil import host, image
from tests.hil.guest import Guest, booted
from tests.hil.home import add_container
from tests.hil.image import Image


@pytest.fixture(scope="session")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    host.require()
    with (
        cache.held("hems-hil", image.key(), image.make) as made,
        booted(Image(made), tmp_path_factory.mktemp("guest")) as running,
    ):
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    running = getattr(item, "funcargs", {}).get("guest")
    if report.failed and running is not None:
        report.sections.append(("the guest's log", running.log()))
    return report


@pytest.fixture(scope="session")
def container(guest: Guest) -> None:
    add_container(guest)
