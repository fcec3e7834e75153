"""nginx listens on the ports that are published, and on no others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import compose, nginx, tree

LISTEN = re.compile(r"^\s*listen (\d+)", re.MULTILINE)


def problems(root: Path) -> Iterator[str]:
    """Yield each port that docker-compose.yml has and nginx has not, and the other way round."""
    service = compose.read(root).services.get(nginx.SERVICE)
    published = set(service.published.values()) if service else set()
    listening: set[int] = set()
    for path in sorted((root / nginx.FOLDER).rglob("*.conf")):
        text = tree.text(root, str(path.relative_to(root)))
        listening |= {int(port) for port in LISTEN.findall(text)}
    for port in sorted(published - listening):
        yield f"{nginx.FOLDER}: nothing listens on {port}, which {compose.FILE} publishes"
    for port in sorted(listening - published):
        yield f"{compose.FILE}: {nginx.SERVICE}: ports: {port} is missing, nginx listens on it"
