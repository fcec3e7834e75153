"""Check that documents refer to existing files, ports and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from pathlib import Path

from dev.check import compose_file, default_settings, dockerfile, read_source_files
from dev.check.compose_file import Compose

TITLE = "documents: the files, ports and addresses in them exist"
DOCUMENTS = ("*.md", "docs/**/*.md", "services/*/README.md", "hems/supervision/README.md")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
PLACE = re.compile(r"(?<![\w./])(?:bin|etc|services)/[\w./-]*\w")  # /etc/... is in a container
PLACEHOLDER = "services/NAME"
PORTS = re.compile(r"\bports?\b[*:` ]*((?:\d+(?:, | and |; |\b))+)(?!\.\d)", re.IGNORECASE)
NEW_FILE = re.compile(r"New file `([^`]+)`")  # a reader of the document makes it
NEW_ADDRESS = re.compile(r"ipv4_address: (\S+)")  # of a service that the document adds
ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!/\d|\d)")


def problems(root: Path) -> Iterator[str]:
    """Yield each link, path, port and address that does not exist."""
    project = compose_file.read(root)
    ports, network = _ports(root, project), _Network(project)
    for pattern in DOCUMENTS:
        for path in sorted(root.glob(pattern)):
            name = str(path.relative_to(root))
            text = read_source_files.text(root, name)
            yield from _files(root, name, text)
            lists = PORTS.findall(text)
            for port in sorted({int(port) for one in lists for port in re.findall(r"\d+", one)}):
                if port not in ports:
                    expected = ", ".join(str(known) for known in sorted(ports))
                    yield f"{name}: no service listens on port {port}, expected one of {expected}"
            for address in network.unknown(text):
                yield f"{name}: {address} is no service's address in {compose_file.FILE}"


def _files(root: Path, name: str, text: str) -> Iterator[str]:
    for target in sorted(set(LINK.findall(text))):
        if not (root / name).parent.joinpath(target).exists():
            yield f"{name}: the link {target} leads nowhere"
    for place in sorted(set(PLACE.findall(text)) - set(NEW_FILE.findall(text))):
        if not place.startswith(PLACEHOLDER) and not (root / place).exists():
            yield f"{name}: there is no {place}"


def _ports(root: Path, project: Compose) -> set[int]:
    """Return every port on which a service or a worker listens."""
    settings = default_settings.read(root)
    ports = {settings.eesmart_d2l.port, settings.wifi_connect.port}
    for name, service in project.services.items():
        ports |= {*service.published, *dockerfile.listening_ports(root, project, name)}
    return ports


class _Network:
    """The project's subnets and the addresses in them that a service or the gateway has."""

    def __init__(self, project: Compose) -> None:
        configurations = [network.ipam.config[0] for network in project.networks.values()]
        self._subnets = [IPv4Network(configuration.subnet) for configuration in configurations]
        self._known = {one for service in project.services.values() for one in service.addresses}
        self._known |= {configuration.gateway for configuration in configurations}

    def unknown(self, text: str) -> Iterator[str]:
        """Yield each address of a subnet in `text` that nobody has."""
        for address in sorted(
            {*ADDRESS.findall(text)} - {*NEW_ADDRESS.findall(text)} - self._known
        ):
            if any(_is_in(address, subnet) for subnet in self._subnets):
                yield address


def _is_in(text: str, subnet: IPv4Network) -> bool:
    try:
        return IPv4Address(text) in subnet
    except AddressValueError:  # e.g. a version with four numbers
        return False
