"""[watchdog] and [services.NAME]: what is watched, and how patiently."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from hems.settings.section import Count, Seconds, Section

# Shorter than the supervision's patience (WatchdogSec and stopwaitsecs in etc/supervisord.conf).
LONGEST_ACTION_S, LONGEST_PROBE_S = 60.0, 5.0
ActionSeconds = Annotated[float, msgspec.Meta(gt=0, le=LONGEST_ACTION_S)]
ProbeSeconds = Annotated[float, msgspec.Meta(gt=0, le=LONGEST_PROBE_S)]
PeriodSeconds = Annotated[float, msgspec.Meta(ge=0.1, le=60)]


class Watchdog(Section, frozen=True):
    period_s: PeriodSeconds = 30.0
    data_directory: str = "/data"
    state_file: str = "/run/hems/watchdog.json"
    supervisor_timeout_s: ProbeSeconds = 5.0
    action_timeout_s: ActionSeconds = 60.0
    wifi_repeater_limit_s: Seconds = 600.0
    release_settle_s: Seconds = 120.0
    update_wait_s: Seconds = 3600.0
    probe_timeout_s: ProbeSeconds = 3.0
    http_urls: tuple[str, ...] = (
        "http://www.gstatic.com/generate_204",
        "http://cp.cloudflare.com/generate_204",
    )
    tcp_targets: tuple[str, ...] = ("1.1.1.1:443", "8.8.8.8:443", "9.9.9.9:443")
    icmp_targets: tuple[str, ...] = ("1.1.1.1", "8.8.8.8")
    reboot_after_s: Seconds = 1800.0
    reboot_after_max_s: Seconds = 86400.0
    reboot_min_uptime_s: Seconds = 1800.0
    reboot_retry_s: Seconds = 600.0
    reboots_forgotten_s: Seconds = 3600.0

    def problems(self) -> Iterator[str]:
        for url in self.http_urls:
            if address(url, "http") is None:
                yield f"http_urls: {url!r}, expected http://host/path"
        for target in self.tcp_targets:
            if address(f"tcp://{target}", "tcp") is None:
                yield f"tcp_targets: {target!r}, expected host:port"
        for target in self.icmp_targets:
            if not _is_address(target):
                yield f"icmp_targets: {target!r}, expected an IP address"
        if self.reboot_after_max_s < self.reboot_after_s:
            yield "reboot_after_max_s: less than reboot_after_s, expected no less"


class Service(Section, frozen=True):
    """How one service of the fleet is asked whether it answers.

    `probe` is http://host:port/path or tcp://host:port; empty: never asked.
    """

    probe: str
    patience: Count = 4
    cooldown_s: Seconds = 600.0
    give_up_after: Count = 5

    def problems(self) -> Iterator[str]:
        if self.probe and not (address(self.probe, "http") or address(self.probe, "tcp")):
            yield f"probe: {self.probe!r}, expected http://host:port/path or tcp://host:port"


DEFAULT_SERVICES = {
    "homeassistant": Service("http://172.18.4.2:8123/", cooldown_s=900.0),
    "influxdb": Service("http://172.18.4.3:8086/health"),
    "mqtt": Service("tcp://172.18.4.7:1883"),
    "nginx-reverse-proxy": Service("http://172.18.4.4:80/healthz"),
}
PORTS = {"http": 80}


def address(url: str, scheme: str) -> tuple[str, int] | None:
    """Return the host and port of `url`, None when it is no URL of `scheme`."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.scheme == scheme and parts.hostname and port else None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
