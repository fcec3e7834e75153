"""nginx listens on the ports that are published, and passes on to services that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import agreement, compose, nginx, tree
from hems.desk.check.compose import Compose
from hems.settings.load import load

LISTEN = re.compile(r"^\s*listen (\d+)", re.MULTILINE)
TARGET = re.compile(r"^\s*proxy_pass (?:https?://)?([^/;:$]+):(\d+)", re.MULTILINE)


def problems(root: Path) -> Iterator[str]:
    """Yield each port and target that docker-compose.yml or etc/hems.toml has otherwise."""
    project = compose.read(root)
    targets = {*_services(project), _d2l_worker(root)}
    listening: set[int] = set()
    for path in sorted((root / nginx.FOLDER).rglob("*.conf")):
        name = str(path.relative_to(root))
        text = tree.text(root, name)
        listening |= {int(port) for port in LISTEN.findall(text)}
        for target in TARGET.findall(text):
            if target not in targets:
                expected = ", ".join(":".join(one) for one in sorted(targets))
                yield f"{name}: proxy_pass to {':'.join(target)}, expected one of {expected}"
    service = project.services.get(nginx.SERVICE)
    published = set(service.published.values()) if service else set()
    for port in sorted(published - listening):
        yield f"{nginx.FOLDER}: nothing listens on {port}, which {compose.FILE} publishes"
    for port in sorted(listening - published):
        yield f"{compose.FILE}: {nginx.SERVICE}: ports: {port} is missing, nginx listens on it"


def _services(project: Compose) -> Iterator[tuple[str, str]]:
    for service in project.services.values():
        for port in service.published.values():
            yield from ((address, str(port)) for address in service.addresses)


def _d2l_worker(root: Path) -> tuple[str, str]:
    settings = load(root / agreement.FILE, {})
    return agreement.D2L, str(settings.eesmart_d2l.port)
