"""What a Dockerfile copies is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import dockerfile


def problems(root: Path) -> Iterator[str]:
    """Yield each source of a COPY that the build would not find in its context."""
    for _, source, instructions in dockerfile.built(root):
        for name in copied(instructions):
            if not any((root / source.context).glob(name)):
                path = dockerfile.path_of(source)
                yield f"{path}: COPY {name}: no such file below {source.context}"


def copied(instructions: list[dockerfile.Instruction]) -> Iterator[str]:
    """Yield what an image takes from its context, relative to that."""
    for one in instructions:
        if one.name == "COPY" and "from" not in one.options:
            yield from (name.lstrip("/") for name in one.rest.split()[:-1])
