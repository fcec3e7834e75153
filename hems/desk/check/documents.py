"""Each service's README is there, names its ports, and no document names a wrong address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from pathlib import Path

from hems.desk.check import compose, tree
from hems.desk.check.compose import Compose

GIVEN = re.compile(r"ipv4_address: (\S+)")  # to a service that the document tells how to add
ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!/\d|\d)")
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "docs/*.md", "services/*/README.md")


def problems(root: Path) -> Iterator[str]:
    """Yield each document that is missing or says something else than docker-compose.yml."""
    project = compose.read(root)
    for name, service in project.services.items():
        path = f"services/{name}/README.md"
        if name == "hems":  # the README of all is its own
            continue
        if not (root / path).is_file():
            yield f"{path}: missing, expected its purpose, ports, volumes and variables"
            continue
        words = set(re.findall(r"\d+", tree.text(root, path)))
        for port in service.published:
            if str(port) not in words:
                yield f"{path}: port {port} is not mentioned, which {compose.FILE} publishes"
    for pattern in DOCUMENTS:
        for document in sorted(root.glob(pattern)):
            yield from _addresses(root, str(document.relative_to(root)), project)


def _addresses(root: Path, path: str, project: Compose) -> Iterator[str]:
    configurations = [one.ipam.config[0] for one in project.networks.values()]
    subnets = [IPv4Network(one.subnet) for one in configurations]
    known = {address for one in project.services.values() for address in one.addresses}
    known |= {one.gateway for one in configurations}
    text = tree.text(root, path)
    for found in sorted({*ADDRESS.findall(text)} - {*GIVEN.findall(text)} - known):
        if any(_is_in(found, subnet) for subnet in subnets):
            yield f"{path}: {found} is no service's address in {compose.FILE}"


def _is_in(text: str, subnet: IPv4Network) -> bool:
    try:
        return IPv4Address(text) in subnet
    except AddressValueError:  # a version, it may be
        return False
