from pathlib import Path

import pytest

from tests.deploy import configurator


@pytest.fixture(scope="session")
def installed_configurator(tmp_path_factory: pytest.TempPathFactory) -> configurator.Installed:
    return configurator.install(tmp_path_factory.mktemp("hass-configurator"))


@pytest.fixture
def configurator_files(tmp_path: Path) -> Path:
    directory = tmp_path / "hass-configurator"
    directory.mkdir()
    return directory
