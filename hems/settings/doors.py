"""The doors: every TCP port at which the home's network reaches the gateway, through nginx.

provision's file, bin/check, the doctor and the table in docs/security.md follow from this table.
The files of services/nginx-reverse-proxy have the limits of each, in the same numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network

FILE = "nginx/doors.conf"  # on the volume gateway
NGINX = IPv4Network("172.18.4.4")  # in docker-compose.yml
PLAIN_MQTT = 1883
HEADER = "# The open doors, from provision.\n"
INCLUDE = re.compile(r"^include doors/(\d+)\.conf;$", re.MULTILINE)


@dataclass(frozen=True)
class Door:
    """A port, what it is for, and the service behind it.

    nginx accepts `per_address` connections from one address and `at_most` from all. `kept` of each
    address have places of their own; all other connections share the rest of `at_most`. Doors whose
    kept places have a name (`kept_as`) have the same ones. A shared connection may need `slots` of
    nginx's worker_connections, a kept one two less. `opened_by` is empty for a door that is always
    open.
    """

    port: int
    what: str
    service: str
    per_address: int
    at_most: int
    slots: int
    opened_by: str = ""
    kept: int = 2
    kept_as: str = ""

    @property
    def all_kept(self) -> int:
        """Return how many places all addresses have of their own."""
        return self.kept * ADDRESSES

    @property
    def shared_slots(self) -> int:
        """Return how many worker_connections nginx needs when all shared places are taken."""
        return (self.at_most - self.all_kept) * self.slots

    @property
    def kept_slots(self) -> int:
        """Return how many worker_connections nginx needs when all kept places are taken."""
        return self.all_kept * (self.slots - 2)


ADDRESSES = 256  # of a home's network
SETTING = "OPEN_PORTS"
BY_DEVICES = f"a device without TLS in MQTT_USERS, or {SETTING}"
PLAIN_EDITOR = "the file editor without TLS"
PLAIN_ESPHOME = "ESPHome's protocol, for an integration"
PLAIN_DEVICES = "MQTT without TLS, for devices with a login"
MQTT, PLAIN = "mqtt", "plain"
DOORS = (
    Door(443, "the pages and their APIs, with TLS", "all pages", 60, 752, 6),
    Door(80, "sends browsers to 443; the CA's certificate", "all pages", 30, 612, 6),
    Door(7845, "eeSmart D2L dongles", "eesmart-d2l", 50, 640, 4),
    Door(8883, "MQTT with TLS, for devices with a login", "mqtt", 20, 576, 6, kept_as=MQTT),
    Door(PLAIN_MQTT, PLAIN_DEVICES, "mqtt", 20, 576, 4, BY_DEVICES, kept_as=MQTT),
    Door(8123, "Home Assistant without TLS", "homeassistant", 50, 612, 6, SETTING, kept_as=PLAIN),
    Door(8086, "InfluxDB without TLS", "influxdb", 20, 552, 6, SETTING, kept_as=PLAIN),
    Door(3218, PLAIN_EDITOR, "hass-configurator", 10, 532, 6, SETTING, kept_as=PLAIN),
    Door(6053, PLAIN_ESPHOME, "homeassistant", 10, 532, 6, SETTING, kept_as=PLAIN),
)
# Of balenaOS itself, on every gateway: it has its own locks.
HOST_PORTS = {
    22222: "balenaOS: SSH with a key that balena knows",
    48484: "balenaOS: the Supervisor's API, with a key; its firewall keeps the home's network out",
}


def all_slots() -> int:
    """Return how many worker_connections nginx needs when all doors are full."""
    kept: dict[str, int] = {}
    for door in DOORS:
        name = door.kept_as or str(door.port)
        kept[name] = max(kept.get(name, 0), door.kept_slots)
    return sum(kept.values()) + sum(door.shared_slots for door in DOORS)


def text(ports: Iterable[int]) -> str:
    """Return the file that nginx includes, with a line for each port that a setting opens."""
    return "".join([HEADER, *(f"include doors/{port}.conf;\n" for port in sorted(ports))])


def opened(content: str) -> list[int]:
    """Return the ports that the file opens."""
    return [int(port) for port in INCLUDE.findall(content)]
