"""What several tests of the watchdog need; days of virtual time write many files."""

import os
from pathlib import Path

import pytest

from tests.workers.watchdog.machine import Machine
from tests.workers.watchdog.patient import Patient


@pytest.fixture(autouse=True)
def _no_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take no time of the disk: tests/system/test_files.py looks at the syncing."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def patient() -> Patient:
    return Patient()
