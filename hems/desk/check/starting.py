"""Every service starts by itself, again and again, whatever is missing or broken beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import compose
from hems.desk.check.compose import FILE, Build, Service

ALWAYS = "always"
ROOTS = "hems"  # the service that is built from the root of the repository
ALWAYS_THERE = "/dev/net/tun"  # in balenaOS; any other device may be missing


def problems(root: Path) -> Iterator[str]:
    """Yield what would keep a service from starting, or have another one built."""
    for name, service in compose.read(root).services.items():
        yield from _service(f"{FILE}: {name}", service)
        yield from _source(name, service)


def _service(where: str, service: Service) -> Iterator[str]:
    if service.restart != ALWAYS:
        yield f"{where}: restart: found {service.restart!r}, expected {ALWAYS}: nobody is there"
    if service.depends_on:
        yield f"{where}: depends_on: balena only orders the first start; wait for peers instead"
    for device in service.devices:
        if device.partition(":")[0] != ALWAYS_THERE:
            yield f"{where}: devices: without {device} the service would not start"
    for place in (one for one in service.tmpfs if ":" in one):
        yield f"{where}: tmpfs: found {place}, expected a path: balena takes no options"


def _source(name: str, service: Service) -> Iterator[str]:
    """Yield a fault when a service is built from another folder than its own."""
    folder = f"services/{name}"
    expected = [Build(f"./{folder}"), Build(".", f"{folder}/Dockerfile")]
    if name == ROOTS:
        expected = [Build(".")]
    if service.source and service.source not in expected:
        found = f"{service.source.context} with {service.source.dockerfile}"
        yield f"{FILE}: {name}: build: found {found}, expected {expected[0].context}"
