"""Check the addresses, ports and network modes of docker-compose.yml."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from pathlib import Path

from dev.check import compose_file, nginx_files
from dev.check.compose_file import FILE, HOST, Compose, Service, Subnet
from hems.errors import ConfigError

TITLE = "compose: addresses and ports are valid and unique"
PORT = re.compile(r"0\.0\.0\.0:\d{1,5}:\d{1,5}(/udp)?")


def problems(root: Path) -> Iterator[str]:
    """Yield each address, port or network mode that does not work."""
    project = compose_file.read(root)
    services = project.services.values()
    for name, service in project.services.items():
        if service.network_mode == HOST:
            yield from _without_effect(name, service)
        elif service.network_mode:
            yield (
                f"{FILE}: {name}: network_mode: found {service.network_mode!r}, expected host, "
                "or none and an address in networks"
            )
        else:
            yield from _attachments(name, service, project)
        yield from _ports(name, service)
    addresses = [address for service in services for address in service.addresses]
    yield from _duplicates("address", addresses)
    ports = [port.split(":")[-2] for service in services for port in service.ports if ":" in port]
    yield from _duplicates("host port", ports)


def _without_effect(name: str, service: Service) -> Iterator[str]:
    for key, value in (("ports", service.ports), ("networks", service.networks)):
        if value:
            yield f"{FILE}: {name}: {key}: has no effect with network_mode host, remove it"


def _attachments(name: str, service: Service, project: Compose) -> Iterator[str]:
    if not service.networks:
        yield f"{FILE}: {name}: networks: found none, expected one with a fixed ipv4_address"
    for network, attachment in service.networks.items():
        where = f"{FILE}: {name}: networks: {network}"
        address = attachment.ipv4_address if attachment else ""
        if network not in project.networks:
            yield f"{where}: not declared, expected one of {', '.join(project.networks)}"
        elif expected := _expected_instead(address, project.networks[network].ipam.config[0]):
            yield f"{where}: ipv4_address: found {address or 'none'}, expected {expected}"


def _expected_instead(text: str, declared: Subnet) -> str:
    """Return which address is expected instead of `text`, empty if `text` is valid."""
    try:
        subnet = IPv4Network(declared.subnet)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise ConfigError(f"{FILE}: subnet: {error}, expected e.g. 172.18.4.0/24") from error
    try:
        address = IPv4Address(text)
    except AddressValueError:
        return f"a fixed one in {subnet}"
    if address not in subnet or address in {subnet.network_address, subnet.broadcast_address}:
        return f"a host address in {subnet}"
    if text == declared.gateway:
        return f"another one: {text} is the gateway of the network, which is the host itself"
    return ""


def _ports(name: str, service: Service) -> Iterator[str]:
    if service.ports and name != nginx_files.SERVICE and service.network_mode != HOST:
        yield f"{FILE}: {name}: ports: only {nginx_files.SERVICE} has ports, with its limits"
    for port in service.ports:
        if not PORT.fullmatch(port):
            yield f'{FILE}: {name}: ports: found {port!r}, expected "0.0.0.0:HOST:CONTAINER"'


def _duplicates(what: str, values: list[str]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{FILE}: {what} {value}: found {count} times, expected once"
