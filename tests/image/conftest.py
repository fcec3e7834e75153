"""The whole project once, built and up, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping

import pytest

from dev.check import compose_file
from dev.launcher import build_cache
from tests.image import bases, engine, machine, minimal, supervisor
from tests.image.engine import Podman
from tests.image.fleet import Fleet
from tests.image.supervisor import Containers
from tests.integration.d2l import entry
from tests.integration.namespaces import Namespace, machine_rules
from tests.integration.worker_process import ROOT, eventually

LABEL = "io.balena.features.supervisor-api"
# A fleet's variables reach every service. There are no LEDs here, nobody who sets a clock, and
# somebody else in the place of what provision would set up.
FLEET = {
    "HEMS_HOME_ASSISTANT_HOST": "",
    "HEMS_INFLUXDB_HOST": "",
    "HEMS_LED_PINS": "mock",
    "HEMS_EESMART_D2L_REQUIRE_SYNCHRONISED_CLOCK": "false",
    "D2L_DEVICES": entry(),
    "CONFIG_PASSWORD": "only-for-this-fleet",
}


@pytest.fixture(scope="session")
def podman() -> Iterator[Podman]:
    machine.require()
    rules = machine_rules()
    with build_cache.held("hems-image", minimal.key(), minimal.make, is_shared=False) as made:
        program = Podman(made / "images")
        try:
            bases.provide(program, made)
            yield program
            assert machine_rules() == rules
        finally:
            program.close()


@pytest.fixture(scope="module")
def podman_outside(podman: Podman) -> Iterator[Podman]:
    """Return podman outside the network of the fleet, where a build reaches no archive."""
    inside, podman.inside = podman.inside, None
    yield podman
    podman.inside = inside


@pytest.fixture(scope="session")
def space(podman: Podman) -> Iterator[Namespace]:
    """Return the network that has all containers."""
    network = Namespace()
    network.run("ip", "link", "set", "lo", "up")
    for path in engine.NETWORK_STATE:  # gone with the namespace, however the run ends
        network.run("mkdir", "-p", path)
        network.run("mount", "-t", "tmpfs", "tmpfs", path)
    yield network
    network.close()


@pytest.fixture(scope="session")
def device(built: Fleet, space: Namespace) -> Iterator[Containers]:
    with supervisor.serving(built, space) as served:
        yield served


@pytest.fixture(scope="session")
def built(podman: Podman, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    project = Fleet(podman, tmp_path_factory.mktemp("fleet") / "override.json", variables())
    project.build()
    return project


@pytest.fixture(scope="session")
def fleet(built: Fleet, podman: Podman, space: Namespace, device: Containers) -> Iterator[Fleet]:
    """Return the project, up, every worker of hems ready and its first work done."""
    try:
        podman.inside = space.pid
        built.up()
        built.until_green()
        # provision has made what it reads; nothing restarts it from now on
        eventually(lambda: "mqtt" in device.restarted, 60, "restarted")
        yield built
    finally:
        podman.empty()
        podman.inside = None


def variables() -> dict[str, Mapping[str, str]]:
    """Return the variables of each service."""
    services = compose_file.read(ROOT).services
    return {
        name: FLEET | (supervisor.VARIABLES if LABEL in service.labels else {})
        for name, service in services.items()
    }


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    project = getattr(item, "funcargs", {}).get("fleet")
    if report.failed and project is not None:
        report.sections.append(("what the services say", project.report()))
    return report
