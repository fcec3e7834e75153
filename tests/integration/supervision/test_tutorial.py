"""docs/supervision/tutorial.md, executed up to the container; tests/image runs that."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dev import ROOT
from tests import executed_document

pytestmark = pytest.mark.integration
TUTORIAL = ROOT / "docs/supervision/tutorial.md"


def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    before, _ = TUTORIAL.read_text(encoding="utf-8").split("## A container\n")
    part = executed_document.part(before)
    run = shell(part.script(), tmp_path)
    shop = tmp_path / "shop"
    assert [*part.untrue_lines(shop)] == []
    differences = "\n".join(part.differences(run.stdout))
    assert not differences, differences + run.stderr + log(shop)


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the commands; whatever they leave in their session ends with `timeout`."""
    variables = {
        **os.environ,
        "HEMS": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    return subprocess.run(
        ["timeout", "--kill-after=5", "60", "bash", "-euc", script],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def log(shop: Path) -> str:
    path = shop / "run/log"
    return path.read_text() if path.exists() else ""
