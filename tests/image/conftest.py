"""The whole project once, built and up, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hems.desk import cache
from hems.desk.check import compose, dockerfile
from tests.image import bases, machine
from tests.image.engine import Podman
from tests.image.fleet import Fleet
from tests.integration.namespaces import Namespace
from tests.integration.worker_process import ROOT

SERVICES = [
    name for name, path in dockerfile.paths(compose.read(ROOT)).items() if (ROOT / path).exists()
]


@pytest.fixture(scope="session")
def podman() -> Iterator[Podman]:
    machine.require()
    with cache.held("hems-image", bases.key(), bases.make) as made:
        engine = Podman(made / "images")
        try:
            bases.provide(engine, made, bases.wanted(SERVICES))
            yield engine
        finally:
            engine.close()


@pytest.fixture(scope="session")
def fleet(podman: Podman, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    project = Fleet(podman, tmp_path_factory.mktemp("fleet"), SERVICES, {"HEMS_LED_PINS": "mock"})
    project.build()
    space = Namespace()
    try:
        podman.inside = space.pid
        space.run("ip", "link", "set", "lo", "up")
        project.up()
        yield project
    finally:
        podman.empty()
        podman.inside = None
        space.close()
