"""Addresses, ports and host networking of the compose project."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from pathlib import Path

from hems.desk.check import compose
from hems.desk.check.compose import FILE, HOST, Compose, Service, Subnet
from hems.errors import ConfigError

PORT = re.compile(r"0\.0\.0\.0:\d{1,5}:\d{1,5}(/udp)?")


def problems(root: Path) -> Iterator[str]:
    """Yield each address, port or mode that cannot work as it is written."""
    project = compose.read(root)
    for name, service in project.services.items():
        if service.network_mode == HOST:
            yield from _host(name, service)
        elif service.network_mode:
            yield (
                f"{FILE}: {name}: network_mode: found {service.network_mode!r}, expected host, "
                "or none and an address in networks"
            )
        else:
            yield from _attached(name, service, project)
        yield from _ports(name, service)
    yield from _twice("address", [a for s in project.services.values() for a in s.addresses])
    yield from _twice("host port", [p for s in project.services.values() for p in s.published])


def _host(name: str, service: Service) -> Iterator[str]:
    for key, value in (("ports", service.ports), ("networks", service.networks)):
        if value:
            yield f"{FILE}: {name}: {key}: has no effect with network_mode host, remove it"


def _attached(name: str, service: Service, project: Compose) -> Iterator[str]:
    if not service.networks:
        yield f"{FILE}: {name}: networks: found none, expected one with a fixed ipv4_address"
    for network, attachment in service.networks.items():
        where = f"{FILE}: {name}: networks: {network}"
        address = attachment.ipv4_address if attachment else ""
        if network not in project.networks:
            yield f"{where}: not declared, expected one of {', '.join(project.networks)}"
        elif fault := _fault(address, project.networks[network].ipam.config[0]):
            yield f"{where}: ipv4_address: found {address or 'none'}, expected {fault}"


def _fault(address: str, declared: Subnet) -> str:
    """Return what was expected of a service's address, or nothing."""
    try:
        subnet = IPv4Network(declared.subnet)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise ConfigError(f"{FILE}: subnet: {error}, expected such as 172.18.4.0/24") from error
    try:
        found = IPv4Address(address)
    except AddressValueError:
        return f"a fixed one in {subnet}"
    if found not in subnet or found in {subnet.network_address, subnet.broadcast_address}:
        return f"a host's in {subnet}"
    if address == declared.gateway:
        return f"another: {address} is the gateway's, which is the host itself"
    return ""


def _ports(name: str, service: Service) -> Iterator[str]:
    for port in service.ports:
        if not PORT.fullmatch(port):
            yield f'{FILE}: {name}: ports: found {port!r}, expected "0.0.0.0:HOST:CONTAINER"'


def _twice(what: str, values: list[str] | list[int]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{FILE}: {what} {value}: {count} services have it, expected one"
