"""Days of virtual time write many files: what they do not need is the disk's own time."""

import os

import pytest


@pytest.fixture(autouse=True)
def _no_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the syncing to tests/system/test_files.py."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
