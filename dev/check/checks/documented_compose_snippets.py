"""Check that the services that documents offer fit into docker-compose.yml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from dev.check import compose_file, dockerfile, read_source_files
from dev.check.compose_file import Service
from hems.errors import ConfigError

TITLE = "documents: the services in them fit into docker-compose.yml"
BLOCK = re.compile(r"^```yaml\n(services:\n.*?)^```", re.MULTILINE | re.DOTALL)


class Snippet(msgspec.Struct, frozen=True):
    services: Mapping[str, Service]
    volumes: Mapping[str, Mapping[str, Any] | None] = {}


def problems(root: Path) -> Iterator[str]:
    """Yield each service whose name or address is taken, or whose image may change."""
    project = compose_file.read(root)
    owners = {
        address: name for name, service in project.services.items() for address in service.addresses
    }
    for path in sorted((root / "docs").glob("*.md")):
        document = str(path.relative_to(root))
        for block in BLOCK.findall(read_source_files.text(root, document)):
            for name, service in _read(document, block).services.items():
                if name in project.services:
                    yield f"{document}: {name}: {compose_file.FILE} has a service of this name"
                if service.source is None and not dockerfile.is_pinned(service.image):
                    yield f"{document}: {name}: found {service.image}, expected a version"
                for address in service.addresses:
                    if (owner := owners.setdefault(address, name)) != name:
                        yield f"{document}: {name}: {owner} has {address}, expected a free address"


def _read(document: str, block: str) -> Snippet:
    """Return the services of a block. Raises ConfigError."""
    try:
        return msgspec.convert(yaml.safe_load(block), Snippet)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise ConfigError(f"{document}: a block for {compose_file.FILE}: {error}") from error
