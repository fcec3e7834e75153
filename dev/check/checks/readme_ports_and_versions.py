"""Check that each service has a README with its published ports and its software's version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dev.check import compose_file, dockerfile, read_source_files
from dev.check.dockerfile import Instruction

TITLE = "documents: each service's README has its ports and version"
ROOT_SERVICE = "hems"  # README.md in the root is its README
DEBIAN = "debian:"  # the base of an image, not the software that it runs
RELEASE = re.compile(r":(\d+(?:\.\d+)+)")
FETCHED = re.compile(r'^VERSION = "v?([\d.]+)"$', re.MULTILINE)


def problems(root: Path) -> Iterator[str]:
    """Yield each README that is missing, or lacks a port or a version."""
    for name, service in compose_file.read(root).services.items():
        path = f"services/{name}/README.md"
        if name == ROOT_SERVICE:
            continue
        if not (root / path).is_file():
            yield f"{path}: missing, expected its purpose, ports, volumes and variables"
            continue
        numbers = set(re.findall(r"\d+", read_source_files.text(root, path)))
        for port in service.published:
            if str(port) not in numbers:
                yield f"{path}: port {port} is not mentioned, which {compose_file.FILE} publishes"
    yield from _versions(root)


def _versions(root: Path) -> Iterator[str]:
    for name, _, instructions in dockerfile.built(root):
        path = f"services/{name}/README.md"
        if (root / path).is_file():
            versions = set(re.findall(r"\d+(?:\.\d+)+", read_source_files.text(root, path)))
            for release in _releases(root / "services" / name, instructions):
                short = ".".join(release.split(".")[:2])
                if not versions & {release, short}:
                    yield f"{path}: expected the version in use, {release} or {short}"


def _releases(folder: Path, instructions: list[Instruction]) -> Iterator[str]:
    """Yield the versions of the image and of a fetched program."""
    for image in dockerfile.bases(instructions):
        if not image.startswith(DEBIAN) and (release := RELEASE.search(image)):
            yield release[1]
    for path in sorted(folder.glob("*.py")):
        yield from FETCHED.findall(path.read_text(encoding="utf-8"))
