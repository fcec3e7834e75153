"""Check that nginx listens on the ports that docker-compose.yml publishes, and on no others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dev.check import compose_file, nginx_files
from dev.check.nginx_files import FOLDER, SERVICE

TITLE = "nginx: it listens on its published ports"
LISTEN = re.compile(r"^\s*listen (\d+)", re.MULTILINE)


def problems(root: Path) -> Iterator[str]:
    """Yield each port that only docker-compose.yml or only nginx has."""
    service = compose_file.read(root).services.get(SERVICE)
    published = set(service.published.values()) if service else set()
    texts = [text for _, text in nginx_files.texts(root, "**/*.conf")]
    listening = {int(port) for text in texts for port in LISTEN.findall(text)}
    for port in sorted(published - listening):
        yield f"{FOLDER}: no server listens on {port}, which {compose_file.FILE} publishes"
    for port in sorted(listening - published):
        yield f"{compose_file.FILE}: {SERVICE}: ports: {port} is missing, nginx listens on it"
