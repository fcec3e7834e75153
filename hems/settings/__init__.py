"""Typed settings: etc/hems.toml, overridden by HEMS_<SECTION>_<NAME>, and secrets.

Each class below is one [section] of hems.toml with its defaults; `load.py` reads and
checks them, `secrets.py` is what must not be seen.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Annotated

import msgspec

from hems.settings.home_assistant import HomeAssistant
from hems.settings.influxdb import Influxdb
from hems.settings.iptables_init import IptablesInit
from hems.settings.led import Led
from hems.settings.mqtt_bridge import MqttBridge
from hems.settings.provision import Provision
from hems.settings.secrets import Secrets
from hems.settings.section import Count, Port, Seconds, Section
from hems.settings.telemetry import Telemetry
from hems.settings.watchdog import DEFAULT_SERVICES, Service, Watchdog
from hems.settings.wifi_connect import WifiConnect

LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
Level = Annotated[str, msgspec.Meta(pattern="^(DEBUG|INFO|WARNING|ERROR)$")]


def is_host(text: str) -> bool:
    """Tell whether `text` is an IP address or may be the name of a host."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return len(text) <= 253 and all(LABEL.fullmatch(label) for label in text.split("."))
    return True


class Logs(Section, frozen=True):
    directory: str = "/var/log/hems"
    level: Level = "INFO"
    max_bytes: Annotated[int, msgspec.Meta(ge=10_000)] = 1_000_000
    files: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3


class Mqtt(Section, frozen=True):
    host: str = "172.18.4.7"
    port: Port = 1883
    discovery_prefix: str = "homeassistant"
    base_topic: str = "hems"
    timeout_s: Seconds = 10.0
    backoff_max_s: Seconds = 60.0

    def problems(self) -> Iterator[str]:
        if not is_host(self.host):
            yield f"host: {self.host!r}, expected an IP address or a host's name"
        for name in ("discovery_prefix", "base_topic"):
            topic = getattr(self, name)
            if not topic or set(topic) & set("+#\0") or topic.strip("/") != topic:
                yield f"{name}: {topic!r}, expected a topic without +, # or a / at either end"


class EesmartD2l(Section, frozen=True):
    host: str = "172.18.4.1"
    port: Port = 7846
    proxy_addresses: tuple[str, ...] = ("172.18.4.4",)
    upstream: str = ""
    upstream_timeout_s: Annotated[float, msgspec.Meta(gt=0, le=2.5)] = 2.0
    require_synchronised_clock: bool = True
    first_header_timeout_s: Seconds = 10.0
    frame_timeout_s: Seconds = 3.0
    idle_timeout_s: Seconds = 300.0
    max_connections: Count = 640
    max_connections_per_device: Count = 4
    max_frames_per_minute: Count = 60
    silent_after_s: Seconds = 600.0

    def problems(self) -> Iterator[str]:
        addresses = [("host", self.host)] + [("proxy_addresses", a) for a in self.proxy_addresses]
        for name, address in addresses:
            try:
                ipaddress.ip_address(address)
            except ValueError:
                yield f"{name}: {address!r}, expected an IP address such as 172.18.4.1"
        if self.upstream and self.upstream_address is None:
            yield f"upstream: {self.upstream!r}, expected host:port"

    @property
    def upstream_address(self) -> tuple[str, int] | None:
        """Return the vendor's server as (host, port), None when the relay is off."""
        host, _, port = self.upstream.rpartition(":")
        if not is_host(host) or not port.isdecimal() or not 0 < int(port) < 65536:
            return None
        return host, int(port)


class Settings(msgspec.Struct, frozen=True):
    """Everything a worker may want to know; each takes its own section."""

    logs: Logs = Logs()
    mqtt: Mqtt = Mqtt()
    mqtt_bridge: MqttBridge = MqttBridge()
    eesmart_d2l: EesmartD2l = EesmartD2l()
    watchdog: Watchdog = Watchdog()
    led: Led = Led()
    iptables_init: IptablesInit = IptablesInit()
    provision: Provision = Provision()
    home_assistant: HomeAssistant = HomeAssistant()
    influxdb: Influxdb = Influxdb()
    telemetry: Telemetry = Telemetry()
    wifi_connect: WifiConnect = WifiConnect()
    services: Mapping[str, Service] = msgspec.field(default_factory=DEFAULT_SERVICES.copy)
    secrets: Secrets = Secrets()
