"""Check that each service starts and restarts without the others, and is built from its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dev.check import compose_file
from dev.check.compose_file import FILE, Build, Service

TITLE = "compose: each service starts without the others"
ALWAYS = "always"
BUILT_FROM_ROOT = "hems"
PRESENT_DEVICE = "/dev/net/tun"  # balenaOS always has it; any other device may be missing


def problems(root: Path) -> Iterator[str]:
    """Yield what would keep a service from starting, or build another service in its place."""
    for name, service in compose_file.read(root).services.items():
        yield from _start(f"{FILE}: {name}", service)
        yield from _build(name, service)


def _start(where: str, service: Service) -> Iterator[str]:
    if service.restart != ALWAYS:
        yield f"{where}: restart: found {service.restart!r}, expected {ALWAYS}"
    if service.depends_on:
        yield f"{where}: depends_on: balena orders only the first start; wait for peers instead"
    for device in service.devices:
        if device.partition(":")[0] != PRESENT_DEVICE:
            yield f"{where}: devices: if {device} were missing, the service would not start"


def _build(name: str, service: Service) -> Iterator[str]:
    """Yield a problem if the service is built from another folder than services/NAME."""
    folder = f"services/{name}"
    expected = [Build(f"./{folder}"), Build(".", f"{folder}/Dockerfile")]
    if name == BUILT_FROM_ROOT:
        expected = [Build(".")]
    if service.source and service.source not in expected:
        source = f"{service.source.context} with {service.source.dockerfile}"
        yield f"{FILE}: {name}: build: found {source}, expected {expected[0].context}"
