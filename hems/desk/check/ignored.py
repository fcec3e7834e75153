""".dockerignore keeps nothing from the builder that a Dockerfile copies.

balena applies the one at the root to the files of every service.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from hems.desk.check import copies, dockerfile, tree

FILE = ".dockerignore"
ANYWHERE = "**/"
LEFT_OUT = ("hems/desk", "**/__pycache__")  # of what is copied: no container runs it


def problems(root: Path) -> Iterator[str]:
    """Yield each pattern that takes away what is copied, or a part of it."""
    lines = (line.strip() for line in tree.text(root, FILE).splitlines())
    patterns = [line.strip("/") for line in lines if line and not line.startswith("#")]
    for _, source, instructions in dockerfile.built(root):
        path = dockerfile.path_of(source)
        copied = {str(PurePosixPath(source.context, one)) for one in copies.copied(instructions)}
        for name in (path, *sorted(copied)):
            for pattern in (one for one in patterns if _takes(one, name)):
                yield f"{FILE}: {pattern}: takes away {name}, which {path} needs"


def _takes(pattern: str, name: str) -> bool:
    """Tell whether `pattern` matches `name`, a folder above it, or something below it."""
    if pattern in LEFT_OUT:
        return False
    parts = name.split("/")
    if pattern.startswith(ANYWHERE):
        return any(fnmatchcase(part, pattern.removeprefix(ANYWHERE)) for part in parts)
    wanted = pattern.split("/")
    return all(fnmatchcase(part, one) for part, one in zip(parts, wanted, strict=False))
