import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import bcrypt
import pytest
from loguru import logger
from pytest_mock import MockerFixture

from hems.protocols.mqtt import mosquitto_access_files
from tests.fakes.provision import LINES, Home

# The same password and salt always give the same hash, and most tests repeat a few of them.
HASH = cache(bcrypt.hashpw)
CHECK = cache(bcrypt.checkpw)
MOSQUITTO_LINE = cache(mosquitto_access_files.password_line)


@pytest.fixture(autouse=True)
def _quick(mocker: MockerFixture) -> None:
    """Skip the disk's fsync, as no test switches the machine off, and hash each password once."""
    mocker.patch.object(os, "fsync")
    mocker.patch.object(bcrypt, "hashpw", HASH)
    mocker.patch.object(bcrypt, "checkpw", CHECK)
    mocker.patch.object(mosquitto_access_files, "password_line", MOSQUITTO_LINE)
    LINES.clear()


@pytest.fixture(scope="module", autouse=True)
def _sink() -> Iterator[None]:
    """Give all homes of a module one loguru sink: adding one takes 6 ms."""
    sink = logger.add(lambda line: LINES.append(str(line)), format="{level} {message}")
    yield
    logger.remove(sink)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a gateway that has everything but its Home Assistant."""
    directory = tmp_path_factory.mktemp("made")
    Home(directory).run()
    return directory


@pytest.fixture
def made_home(made: Path, tmp_path: Path) -> Home:
    """Return a gateway that has everything, which takes a quarter of the time of making it."""
    home = Home(shutil.copytree(made, tmp_path / "home"))
    home.run()  # the files with paths in them
    return home
