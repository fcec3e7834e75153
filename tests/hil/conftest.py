"""One guest for all tests of this folder, and its log beside whatever fails."""

from collections.abc import Generator, Iterator

import pytest

from dev.launcher import build_cache
from hems.errors import Unavailable
from tests.hil import host
from tests.hil import image as made_of
from tests.hil.guest import Guest, booted
from tests.hil.home import add_container, join_station, open_hotspot
from tests.hil.image import Image
from tests.required import required


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    host.require()
    missing = ""
    try:
        with build_cache.held("hems-hil", made_of.key(), made_of.make) as made:
            yield Image(made)
    except Unavailable as error:  # mostly a mirror that is away
        missing = f"hardware in the loop has no guest: {error}"
    required(missing)


@pytest.fixture(scope="session")
def guest(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    with booted(image, tmp_path_factory.mktemp("guest")) as running:
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


@pytest.fixture(scope="session")
def station(guest: Guest) -> str:
    """Return the address of a station with the gateway's hotspot."""
    open_hotspot(guest)
    return join_station(guest)
