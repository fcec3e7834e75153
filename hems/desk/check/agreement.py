"""The settings' addresses and ports are those of the compose project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from hems.desk.check import compose, settings
from hems.desk.check.compose import Compose
from hems.desk.check.settings import FILE
from hems.errors import ConfigError
from hems.settings import Settings

NETWORK, PROXY, D2L = "hems", "nginx-reverse-proxy", "eesmart-d2l"
HTTP = 80


def problems(root: Path) -> Iterator[str]:
    """Yield each setting that points elsewhere than docker-compose.yml."""
    project = compose.read(root)
    own = settings.read(root)
    expected = _expected(project)
    for name, found in _found(own).items():
        if found != expected[name]:
            yield f"{FILE}: {name}: found {found}, expected {expected[name]} as {compose.FILE} has"
    yield from _probes(own, project)
    yield from _d2l(own, project)


def _probes(own: Settings, project: Compose) -> Iterator[str]:
    for name, service in own.services.items():
        probe = urlsplit(service.probe)
        known = project.services.get(name)
        if known is None:
            yield f"{FILE}: [services.{name}]: {compose.FILE} has no such service"
        elif probe.hostname and probe.hostname not in known.addresses:
            expected_host = ", ".join(known.addresses)
            yield f"{FILE}: [services.{name}] probe: {probe.hostname}, expected {expected_host}"
        elif probe.hostname and (probe.port or HTTP) not in known.published.values():
            yield f"{FILE}: [services.{name}] probe: the service publishes no port {probe.port}"


def _d2l(own: Settings, project: Compose) -> Iterator[str]:
    """Yield why nginx would not find the worker, or the worker not get its port of the host."""
    port = own.eesmart_d2l.port
    for name, service in project.services.items():
        if port in service.published:
            yield f"{FILE}: [eesmart_d2l] port: {port} of the host is {name}'s, expected another"
    hosts = project.services[PROXY].extra_hosts if PROXY in project.services else ()
    if (line := f"{D2L}:{own.eesmart_d2l.host}") not in hosts:
        yield f"{compose.FILE}: {PROXY}: extra_hosts: expected {line}, where the worker listens"


def _found(own: Settings) -> dict[str, str]:
    return {
        "[mqtt]": f"{own.mqtt.host}:{own.mqtt.port}",
        "[influxdb]": f"{own.influxdb.host}:{own.influxdb.port}",
        "[home_assistant]": f"{own.home_assistant.host}:{own.home_assistant.port}",
        "[eesmart_d2l] host": own.eesmart_d2l.host,
        "[eesmart_d2l] proxy_addresses": ", ".join(own.eesmart_d2l.proxy_addresses),
        "[led] home_assistant": (f"{own.led.home_assistant_host}:{own.led.home_assistant_port}"),
        "[iptables_init] docker_subnet": own.iptables_init.docker_subnet,
    }


def _expected(project: Compose) -> dict[str, str]:
    """Return what the compose project says for each name of `_found`. Raises ConfigError."""
    if NETWORK not in project.networks:
        raise ConfigError(f"{compose.FILE}: no network {NETWORK}")
    network = project.networks[NETWORK].ipam.config[0]
    return {
        "[mqtt]": _endpoint(project, "mqtt"),
        "[influxdb]": _endpoint(project, "influxdb"),
        "[home_assistant]": _endpoint(project, "homeassistant"),
        "[eesmart_d2l] host": network.gateway,
        "[eesmart_d2l] proxy_addresses": _endpoint(project, PROXY).partition(":")[0],
        "[led] home_assistant": _endpoint(project, "homeassistant"),
        "[iptables_init] docker_subnet": network.subnet,
    }


def _endpoint(project: Compose, name: str) -> str:
    """Return a service's address and the first port it publishes. Raises ConfigError."""
    service = project.services.get(name)
    if service is None or not service.addresses or not service.published:
        raise ConfigError(f"{compose.FILE}: no service {name} with an address and a port")
    return f"{service.addresses[0]}:{next(iter(service.published.values()))}"
