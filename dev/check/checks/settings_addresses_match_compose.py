"""Check that the addresses and ports in etc/hems.toml are those of docker-compose.yml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from dev.check import compose_file, default_settings, dockerfile, nginx_files
from dev.check.compose_file import Compose
from dev.check.default_settings import FILE
from hems.errors import ConfigError
from hems.settings import Settings

TITLE = "settings: addresses and ports match docker-compose.yml"
NETWORK, PROXY, D2L = "hems", nginx_files.SERVICE, "eesmart-d2l"
HTTP = 80


def problems(root: Path) -> Iterator[str]:
    """Yield each setting that differs from docker-compose.yml."""
    project = compose_file.read(root)
    settings = default_settings.read(root)
    expected = _expected(root, project, settings)
    for name, value in _configured(settings).items():
        if value != expected[name]:
            wanted = f"{expected[name]} as in {compose_file.FILE}"
            yield f"{FILE}: {name}: found {value}, expected {wanted}"
    yield from _probes(root, settings, project)
    yield from _d2l(settings, project)


def _probes(root: Path, settings: Settings, project: Compose) -> Iterator[str]:
    """Yield each probe of the watchdog that no service answers."""
    for name, watched in settings.services.items():
        probe = urlsplit(watched.probe)
        service = project.services.get(name)
        where = f"{FILE}: [services.{name}]"
        if service is None:
            yield f"{where}: {compose_file.FILE} has no such service"
        elif probe.hostname and probe.hostname not in service.addresses:
            yield f"{where} probe: {probe.hostname}, expected {', '.join(service.addresses)}"
        elif probe.hostname:
            port = probe.port or HTTP
            if port not in dockerfile.listening_ports(root, project, name):
                yield f"{where} probe: the service does not EXPOSE or publish port {port}"


def _d2l(settings: Settings, project: Compose) -> Iterator[str]:
    """Yield why nginx would not reach the worker eesmart-d2l, or its port is taken."""
    port = settings.eesmart_d2l.port
    for name, service in project.services.items():
        if port in service.published:
            yield f"{FILE}: [eesmart_d2l] port: {name} publishes host port {port}, expected another"
    hosts = project.services[PROXY].extra_hosts if PROXY in project.services else ()
    if (line := f"{D2L}:{settings.eesmart_d2l.host}") not in hosts:
        where = f"{compose_file.FILE}: {PROXY}: extra_hosts"
        yield f"{where}: expected {line}, where the worker listens"


def _configured(settings: Settings) -> dict[str, str]:
    mqtt, influxdb, home_assistant = settings.mqtt, settings.influxdb, settings.home_assistant
    led, d2l = settings.led, settings.eesmart_d2l
    return {
        "[mqtt]": f"{mqtt.host}:{mqtt.port}",
        "[influxdb]": f"{influxdb.host}:{influxdb.port}",
        "[home_assistant]": f"{home_assistant.host}:{home_assistant.port}",
        "[eesmart_d2l] host": d2l.host,
        "[eesmart_d2l] proxy_addresses": ", ".join(d2l.proxy_addresses),
        "[led] home_assistant": f"{led.home_assistant_host}:{led.home_assistant_port}",
        "[iptables_init] docker_subnet": settings.iptables_init.docker_subnet,
    }


def _expected(root: Path, project: Compose, settings: Settings) -> dict[str, str]:
    """Return the value in docker-compose.yml of each name of `_configured`. Raises ConfigError."""
    if NETWORK not in project.networks:
        raise ConfigError(f"{compose_file.FILE}: no network {NETWORK}")
    network = project.networks[NETWORK].ipam.config[0]

    def endpoint(name: str, port: int) -> str:
        ports = dockerfile.listening_ports(root, project, name)
        expected = port if port in ports else " or ".join(map(str, sorted(ports)))
        return f"{_address(project, name)}:{expected}"

    return {
        "[mqtt]": endpoint("mqtt", settings.mqtt.port),
        "[influxdb]": endpoint("influxdb", settings.influxdb.port),
        "[home_assistant]": endpoint("homeassistant", settings.home_assistant.port),
        "[eesmart_d2l] host": network.gateway,
        "[eesmart_d2l] proxy_addresses": _address(project, PROXY),
        "[led] home_assistant": endpoint("homeassistant", settings.led.home_assistant_port),
        "[iptables_init] docker_subnet": network.subnet,
    }


def _address(project: Compose, name: str) -> str:
    """Return a service's address. Raises ConfigError."""
    service = project.services.get(name)
    if service is None or not service.addresses:
        raise ConfigError(f"{compose_file.FILE}: no service {name} with an address")
    return service.addresses[0]
