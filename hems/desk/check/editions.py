"""A service's README names the release that is built into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import dockerfile, images, tree

DEBIAN = "debian:"  # what is built upon, not what is run
RELEASE = re.compile(r":(\d+(?:\.\d+)+)")
FETCHED = re.compile(r'^VERSION = "v?([\d.]+)"$', re.MULTILINE)
PACKAGE = re.compile(r"^([\w-]+)==([\d.]+)", re.MULTILINE)


def problems(root: Path) -> Iterator[str]:
    """Yield each release that no README has, nor its first two numbers."""
    for name, _, instructions in dockerfile.built(root):
        path = f"services/{name}/README.md"
        if (root / path).is_file():
            words = set(re.findall(r"\d+(?:\.\d+)+", tree.text(root, path)))
            for release in _releases(root / "services" / name, name, instructions):
                short = ".".join(release.split(".")[:2])
                if not words & {release, short}:
                    yield f"{path}: expected {release} or {short}, which is what runs"


def _releases(folder: Path, name: str, instructions: list[dockerfile.Instruction]) -> Iterator[str]:
    """Yield the releases of the image, of the fetched program and of the service's own package."""
    for image in images.bases(instructions):
        if not image.startswith(DEBIAN) and (found := RELEASE.search(image)):
            yield found[1]
    for path in sorted(folder.glob("*.py")):
        yield from FETCHED.findall(path.read_text(encoding="utf-8"))
    for path in sorted(folder.glob("requirements.*")):
        packages = PACKAGE.findall(path.read_text(encoding="utf-8"))
        yield from (release for package, release in packages if package == name)
