"""What a Dockerfile copies is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import compose, dockerfile


def problems(root: Path) -> Iterator[str]:
    """Yield each source of a COPY that the build would not find in its context."""
    for service in compose.read(root).services.values():
        source = service.source
        if source is None or not (root / dockerfile.path_of(source)).is_file():
            continue
        path = dockerfile.path_of(source)
        for one in dockerfile.read(root, path):
            if one.name == "COPY" and "from" not in one.options:
                for name in one.rest.split()[:-1]:
                    if not any((root / source.context).glob(name.lstrip("/"))):
                        yield f"{path}: COPY {name}: no such file below {source.context}"
