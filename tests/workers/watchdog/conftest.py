"""What several tests of the watchdog need; days of virtual time write many files."""

import os
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from tests.workers.watchdog.machine import Machine
from tests.workers.watchdog.patient import Patient


@pytest.fixture(autouse=True)
def _no_fsync(mocker: MockerFixture) -> None:
    """Take no time of the disk: tests/system/test_files.py looks at the syncing."""
    mocker.patch.object(os, "fsync")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def patient() -> Patient:
    return Patient()
