"""Check that no variable of a fleet replaces one that an image of the workers sets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dev.check import dockerfile

TITLE = "images: entrypoint_environment sets again what ENV sets"
FIRST_PROGRAM = "hems.supervision.processes.entrypoint_environment"


def problems(root: Path) -> Iterator[str]:
    """Yield each variable that a fleet could choose."""
    for _, source, instructions in dockerfile.built(root):
        command = dockerfile.command(instructions)
        if FIRST_PROGRAM not in command:
            continue
        for name, value in dockerfile.environment(dockerfile.image_stages(instructions)).items():
            if f"{name}={value}" not in command:
                where = f"{dockerfile.path_of(source)}: CMD"
                yield f"{where}: expected {name}={value} as in ENV, so that no fleet chooses it"
