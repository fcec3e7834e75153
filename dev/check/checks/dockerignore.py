"""Check that .dockerignore excludes development code and nothing that a Dockerfile copies.

balena applies the file in the root to every service.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from dev.check import dockerfile, read_source_files

TITLE = "images: .dockerignore excludes development code and no file that is copied"
FILE = ".dockerignore"
ANYWHERE = "**/"
REQUIRED = ("dev", "tests", "bin")  # no container runs them
PARTIAL = ("**/__pycache__",)  # a part of what is copied, which no container needs


def problems(root: Path) -> Iterator[str]:
    """Yield each required pattern that is missing, and each that excludes a copied file."""
    lines = (line.strip() for line in read_source_files.text(root, FILE).splitlines())
    patterns = [line.strip("/") for line in lines if line and not line.startswith("#")]
    for pattern in REQUIRED:
        if pattern not in patterns:
            yield f"{FILE}: expected a line {pattern}: no image contains it"
    for _, source, instructions in dockerfile.built(root):
        path = dockerfile.path_of(source)
        copied = {
            str(path.relative_to(root))
            for names, _ in dockerfile.copies(instructions)
            for name in names
            for path in root.glob(str(PurePosixPath(source.context, name)))
        }
        for name in (path, *sorted(copied)):
            for pattern in patterns:
                if _excludes(pattern, name):
                    yield f"{FILE}: {pattern}: excludes {name}, which {path} needs"


def _excludes(pattern: str, name: str) -> bool:
    """Return whether `pattern` matches `name`, a folder above it, or something below it."""
    if pattern in PARTIAL:
        return False
    parts = name.split("/")
    if pattern.startswith(ANYWHERE):
        return any(fnmatchcase(part, pattern.removeprefix(ANYWHERE)) for part in parts)
    pairs = zip(parts, pattern.split("/"), strict=False)
    return all(fnmatchcase(part, wanted) for part, wanted in pairs)
