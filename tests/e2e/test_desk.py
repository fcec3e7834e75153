"""bin/up --home-assistant as a person runs it: the real Home Assistant, with Zigbee and a past."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.worker_process import ROOT

pytestmark = pytest.mark.e2e

CHECK_S = 460


def test_a_desk_has_a_home_assistant_with_every_meter_and_its_past(
    root: Path, tmp_path: Path
) -> None:
    assert root.exists()  # the desk takes it from the cache
    argv = [sys.executable, str(ROOT / "bin" / "up"), "--check", "--home-assistant", "--days", "2"]
    outcome = subprocess.run(
        argv,
        env={**os.environ, "HEMS_PROVISION_PERIOD_S": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=CHECK_S,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert re.search(r"^ *[\d.]+ s  resident is ready$", outcome.stdout, re.MULTILINE)
    assert "every meter has published a reading, every unit is healthy" in outcome.stdout
