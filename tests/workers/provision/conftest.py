import os
from pathlib import Path

import pytest

from hems.protocols import htpasswd
from tests.fakes.provision import Home


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no disk, as the machine is not switched off; and hash passwords cheaply."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
    monkeypatch.setattr(htpasswd, "COST", 4)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)
