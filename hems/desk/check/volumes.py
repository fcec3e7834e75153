"""Named volumes: declared, used, and never a folder of the host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import compose
from hems.desk.check.compose import FILE, Compose


def problems(root: Path) -> Iterator[str]:
    """Yield each mount that balena refuses and each volume that nobody mounts."""
    project = compose.read(root)
    used = set()
    for name, service in project.services.items():
        for mount in service.volumes:
            used.add(mount.partition(":")[0])
            if fault := _fault(mount, project):
                yield f"{FILE}: {name}: volumes: {mount}: {fault}"
    for volume, options in project.volumes.items():
        if volume not in used:
            yield f"{FILE}: volumes: {volume}: no service mounts it, remove it"
        if options:
            yield f"{FILE}: volumes: {volume}: found {', '.join(options)}, balena takes no options"


def _fault(mount: str, project: Compose) -> str:
    source, _, target = mount.partition(":")
    if "/" in source or source.startswith("."):
        return "balena has no bind mounts, expected a volume or a feature label"
    if not target.startswith("/"):
        return "expected VOLUME:/PATH"
    if source not in project.volumes:
        return f"not declared, expected one of {', '.join(project.volumes)}"
    return ""
