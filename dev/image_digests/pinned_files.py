"""Find the images in the files that build the gateway, and write digests behind their tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from dev.check import compose_file, dockerfile, read_source_files
from dev.image_digests import reference
from dev.image_digests.reference import Reference


class Use(NamedTuple):
    file: str
    image: Reference


def uses(root: Path) -> Iterator[Use]:
    """Yield every image of a Dockerfile or of docker-compose.yml, each once for each file."""
    project = compose_file.read(root)
    for service in project.services.values():
        if service.source is None:
            yield Use(compose_file.FILE, reference.parse(service.image))
    for path in sorted(set(dockerfile.paths(project).values())):
        for name in sorted(set(dockerfile.bases(dockerfile.read(root, path)))):
            yield Use(path, reference.parse(name))


def write(root: Path, digests: Mapping[str, str]) -> list[str]:
    """Write each image's digest (name → digest) where it is used; return the changed files."""
    changed = []
    for path in sorted({use.file for use in uses(root)}):
        old = read_source_files.text(root, path)
        new = old
        for name, digest in digests.items():
            pattern = rf"(?<=[\s=\"']){re.escape(name)}(?:@sha256:[0-9a-f]+)?(?=[\s\"']|$)"
            new = re.sub(pattern, f"{name}@{digest}", new)
        if new != old:
            (root / path).write_text(new, encoding="utf-8")
            changed.append(path)
    return changed
