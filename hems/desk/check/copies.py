"""What a Dockerfile copies is there, and goes where the image looks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import dockerfile

PLACES = {
    "etc/hems.toml": "/etc/hems/hems.toml",
    "etc/supervisord.conf": "/etc/supervisord.conf",
    "config": "/opt/gateway/config",  # of Home Assistant: its start.py says so
    "start.py": "/opt/gateway/",
    "mosquitto.conf": "/mosquitto/config/",
    "nginx/": "/etc/nginx/",
}
PACKAGE, ITS_SETTINGS = "hems", "etc/hems.toml"


def problems(root: Path) -> Iterator[str]:
    """Yield each COPY that the build would not find in its context, or the image in its place."""
    for _, source, instructions in dockerfile.built(root):
        path = dockerfile.path_of(source)
        names = list(copied(instructions))
        for name in names:
            if not any((root / source.context).glob(name)):
                yield f"{path}: COPY {name}: no such file below {source.context}"
        if PACKAGE in names and ITS_SETTINGS not in names:
            yield f"{path}: found no COPY {ITS_SETTINGS} {PLACES[ITS_SETTINGS]}"
        yield from _misplaced(path, instructions)


def _misplaced(path: str, instructions: list[dockerfile.Instruction]) -> Iterator[str]:
    for one in instructions:
        if one.name == "COPY" and "from" not in one.options:
            *names, target = one.rest.split()
            for name in names:
                if PLACES.get(name, target) != target:
                    yield f"{path}: COPY {name}: found {target}, expected {PLACES[name]}"


def copied(instructions: list[dockerfile.Instruction]) -> Iterator[str]:
    """Yield what an image takes from its context, relative to that."""
    for one in instructions:
        if one.name == "COPY" and "from" not in one.options:
            yield from (name.lstrip("/") for name in one.rest.split()[:-1])
