"""`--ha VERSION` of the e2e tests: later versions than the gateway's, and no others."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dev import ROOT, home_assistant_release

pytestmark = pytest.mark.integration

COLLECT = (sys.executable, "-m", "pytest", "tests/e2e/test_power_on.py", "--collect-only", "-q")


@pytest.mark.parametrize(
    ("version", "is_refused"),
    [
        ("2026.9.9", True),
        (home_assistant_release.version(), False),
        ("2026.11.0b1", False),
    ],
)
def test_a_version_before_the_gateways_is_refused(version: str, is_refused: bool) -> None:
    done = subprocess.run(
        [*COLLECT, "--ha", version],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = f"--ha: found {version}, expected {home_assistant_release.version()} or later"
    assert (said in done.stderr) is is_refused
    assert (done.returncode == pytest.ExitCode.USAGE_ERROR) is is_refused, done.stdout
