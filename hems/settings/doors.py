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
    address have places of their own; all other connections share the rest of `at_most`. A shared
    connection may need `slots` of nginx's worker_connections, a kept one two less. `opened_by` is
    empty for a door that is always open.
    """

    port: int
    what: str
    service: str
    per_address: int
    at_most: int
    slots: int
    opened_by: str = ""
    kept: int = 0

    @property
    def all_kept(self) -> int:
        """Return how many places all addresses have of their own."""
        return self.kept * ADDRESSES

    @property
    def all_slots(self) -> int:
        """Return how many worker_connections nginx needs when this door is full."""
        return self.at_most * self.slots - 2 * self.all_kept


ADDRESSES = 256  # of a home's network
SETTING = "OPEN_PORTS"
BY_DEVICES = f"a device without TLS in MQTT_USERS, or {SETTING}"
PLAIN_DEVICES = "MQTT without TLS, for devices with a login"
DOORS = (
    Door(443, "the pages and their APIs, with TLS", "all pages", 60, 752, 6, kept=2),
    Door(80, "sends browsers to 443; the CA's certificate", "all pages", 30, 612, 6, kept=2),
    Door(7845, "eeSmart D2L dongles", "eesmart-d2l", 50, 640, 4, kept=2),
    Door(8883, "MQTT with TLS, for devices with a login", "mqtt", 20, 576, 6, kept=2),
    Door(PLAIN_MQTT, PLAIN_DEVICES, "mqtt", 20, 576, 4, BY_DEVICES, kept=2),
    Door(8123, "Home Assistant without TLS", "homeassistant", 50, 100, 4, SETTING),
    Door(8086, "InfluxDB without TLS", "influxdb", 20, 40, 4, SETTING),
    Door(3218, "the file editor without TLS", "hass-configurator", 10, 20, 4, SETTING),
    Door(6053, "ESPHome's protocol, for an integration", "homeassistant", 10, 20, 2, SETTING),
)
# Of balenaOS itself, on every gateway: it has its own locks.
HOST_PORTS = {
    22222: "balenaOS: SSH with a key that balena knows",
    48484: "balenaOS: the Supervisor's API, with a key; its firewall keeps the home's network out",
}


def text(ports: Iterable[int]) -> str:
    """Return the file that nginx includes, with a line for each port that a setting opens."""
    return "".join([HEADER, *(f"include doors/{port}.conf;\n" for port in sorted(ports))])


def opened(content: str) -> list[int]:
    """Return the ports that the file opens."""
    return [int(port) for port in INCLUDE.findall(content)]
