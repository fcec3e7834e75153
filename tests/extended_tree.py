"""A copy of the repository to which the blocks of docs/extending.md are applied."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from dev import ROOT
from tests import document_blocks

DOCUMENT = "docs/extending.md"
SOURCES = ("bin", "dev", "docs", "etc", "hems", "services", "tests")
NOT_COPIED = shutil.ignore_patterns("__pycache__", "node_modules", "*.egg-info")


def make(root: Path) -> None:
    """Copy the repository to `root`, an existing folder, and apply every block of the document."""
    for name in SOURCES:
        shutil.copytree(ROOT / name, root / name, ignore=NOT_COPIED)
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".git":
            shutil.copy(path, root)
    for block in document_blocks.blocks((root / DOCUMENT).read_text(encoding="utf-8")):
        document_blocks.apply(block, root)


def run_python(
    root: Path, *arguments: str, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python in the tree `root`, which its imports come from, and return the outcome."""
    environ = {**os.environ, "PYTHONPATH": str(root), **(variables or {})}
    argv = [sys.executable, *arguments]
    return subprocess.run(
        argv, cwd=root, env=environ, capture_output=True, text=True, timeout=600, check=False
    )
