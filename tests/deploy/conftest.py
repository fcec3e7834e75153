from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import configurator, nginx
from tests.deploy.client import Client
from tests.deploy.influx_page import Influxd
from tests.deploy.lan import INFLUXDB
from tests.deploy.peers import Peer, peer
from tests.deploy.site import Site, site


@pytest.fixture(scope="session")
def installed_configurator(tmp_path_factory: pytest.TempPathFactory) -> configurator.Installed:
    return configurator.install(tmp_path_factory.mktemp("hass-configurator"))


@pytest.fixture
def configurator_files(tmp_path: Path) -> Path:
    directory = tmp_path / "hass-configurator"
    directory.mkdir()
    return directory


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for a whole file of tests, nginx running: to set it up takes longer than most tests."""
    nginx.ready()
    with site(tmp_path_factory.mktemp("site")) as whole:
        whole.provision()
        whole.nginx.start()
        yield whole


@pytest.fixture(scope="module")
def influxd(gateway: Site) -> Iterator[Peer]:
    with peer(gateway.lan, INFLUXDB, 8086, Influxd()) as serving:
        yield serving


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Site]:
    """A gateway without any file on its volume, nginx not started."""
    nginx.ready()
    with site(tmp_path) as whole:
        yield whole


@pytest.fixture
def client(gateway: Site) -> Client:
    return gateway.client()
