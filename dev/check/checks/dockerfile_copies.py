"""Check that COPY finds its files, puts them in the right place, and copies no development code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dev.check import dockerfile
from dev.check.dockerfile import Instruction

TITLE = "images: COPY finds its files and puts them in the right place"
TARGETS = {
    "etc/hems.toml": "/etc/hems/hems.toml",
    "etc/supervisord.conf": "/etc/supervisord.conf",
    "services/homeassistant/config": "/opt/gateway/config",  # start.py has this path
    "services/homeassistant/*.py": "/opt/gateway/",
    "services/mqtt/mosquitto.conf": "/mosquitto/config/",
    "services/nginx-reverse-proxy/nginx/": "/etc/nginx/",
}
PACKAGE, ITS_SETTINGS = "hems", "etc/hems.toml"
DEVELOPMENT = ("dev", "tests", "bin")


def problems(root: Path) -> Iterator[str]:
    """Yield each COPY that fails, puts a file in the wrong place or takes development code."""
    for _, source, instructions in dockerfile.built(root):
        path = dockerfile.path_of(source)
        names = [name for sources, _ in dockerfile.copies(instructions) for name in sources]
        for name in names:
            if source.context == "." and name.split("/")[0] in {"", ".", *DEVELOPMENT}:
                yield f"{path}: COPY {name}: no image contains {', '.join(DEVELOPMENT)}"
            elif not any((root / source.context).glob(name)):
                yield f"{path}: COPY {name}: no such file below {source.context}"
        if PACKAGE in names and ITS_SETTINGS not in names:
            yield f"{path}: found no COPY {ITS_SETTINGS} {TARGETS[ITS_SETTINGS]}"
        yield from _misplaced(path, instructions)


def _misplaced(path: str, instructions: list[Instruction]) -> Iterator[str]:
    for names, target in dockerfile.copies(instructions):
        for name in names:
            if TARGETS.get(name, target) != target:
                yield f"{path}: COPY {name}: found {target}, expected {TARGETS[name]}"
