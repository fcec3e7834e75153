"""A service that a document offers for docker-compose.yml could be pasted there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from hems.desk.check import compose, images, tree
from hems.desk.check.compose import Service
from hems.errors import ConfigError

BLOCK = re.compile(r"^```yaml\n(services:\n.*?)^```", re.MULTILINE | re.DOTALL)


class Offer(msgspec.Struct, frozen=True):
    services: Mapping[str, Service]
    volumes: Mapping[str, Mapping[str, Any] | None] = {}


def problems(root: Path) -> Iterator[str]:
    """Yield each service whose name or address is taken, or whose image may change."""
    project = compose.read(root)
    taken = {address: name for name, one in project.services.items() for address in one.addresses}
    for path in sorted((root / "docs").glob("*.md")):
        document = str(path.relative_to(root))
        for block in BLOCK.findall(tree.text(root, document)):
            offer = _read(document, block)
            for name, service in offer.services.items():
                if name in project.services:
                    yield f"{document}: {name}: {compose.FILE} has a service of this name"
                if service.source is None and not images.is_pinned(service.image):
                    yield f"{document}: {name}: found {service.image}, expected a version"
                for address in service.addresses:
                    if (owner := taken.setdefault(address, name)) != name:
                        yield f"{document}: {name}: {address} is {owner}'s, expected a free one"


def _read(document: str, block: str) -> Offer:
    """Return what a block has. Raises ConfigError."""
    try:
        return msgspec.convert(yaml.safe_load(block), Offer)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise ConfigError(f"{document}: a block for {compose.FILE}: {error}") from error
