from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import configurator, nginx
from tests.deploy.client import PASSWORD, USER, Client
from tests.deploy.influx_page import Influxd
from tests.deploy.lan import HOME_ASSISTANT, INFLUXDB
from tests.deploy.peers import Peer, peer
from tests.deploy.site import Site, site


@pytest.fixture(scope="session")
def editor_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the editor's page, built once."""
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


@pytest.fixture
def editor(
    gateway: Site, editor_page: Path, configurator_files: Path
) -> Iterator[configurator.Configurator]:
    """The editor behind nginx, at its address in docker-compose.yml."""
    running = configurator.Configurator(editor_page, configurator_files, port=3218)
    running.home_assistant = (HOME_ASSISTANT, 8123)
    Path(running.config, "configuration.yaml").write_text("default_config:\n")
    running.make_login(USER, PASSWORD)
    gateway.lan.house.call(running.start)
    yield running
    running.stop()
