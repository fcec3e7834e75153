"""[watchdog] and [services.NAME]: what the watchdog checks, and its time limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec

from hems.settings.address_validation import is_ip_address, url_address
from hems.settings.section import (
    SHORTEST_S,
    AbsolutePath,
    Count,
    Seconds,
    Section,
    WrongValue,
    wrong,
)

# Shorter than WatchdogSec and stopwaitsecs (etc/supervisord.conf). An action takes as long as the
# service to stop: longer than each stop_grace_period in docker-compose.yml.
LONGEST_ACTION_S, LONGEST_PROBE_S = 180.0, 5.0
ActionSeconds = Annotated[float, msgspec.Meta(ge=SHORTEST_S, le=LONGEST_ACTION_S)]
ProbeSeconds = Annotated[float, msgspec.Meta(ge=SHORTEST_S, le=LONGEST_PROBE_S)]
PeriodSeconds = Annotated[float, msgspec.Meta(ge=0.1, le=60)]


class WatchdogSettings(Section, frozen=True):
    period_s: PeriodSeconds = 30.0
    data_directory: AbsolutePath = "/data/watchdog"
    state_file: AbsolutePath = "/run/hems/watchdog/state.json"
    supervisor_timeout_s: ProbeSeconds = 5.0
    action_timeout_s: ActionSeconds = 180.0
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

    def problems(self) -> Iterator[WrongValue]:
        for url in self.http_urls:
            if url_address(url, "http") is None:
                yield wrong("http_urls", url, "http://host/path")
        for target in self.tcp_targets:
            if url_address(f"tcp://{target}", "tcp") is None:
                yield wrong("tcp_targets", target, "host:port")
        for target in self.icmp_targets:
            if not is_ip_address(target):
                yield wrong("icmp_targets", target, "an IP address")
        if self.reboot_after_max_s < self.reboot_after_s:
            text = "less than reboot_after_s, expected no less"
            yield WrongValue("reboot_after_max_s", text, ("reboot_after_s",))


class ServiceSettings(Section, frozen=True):
    """How the watchdog checks one service.

    `probe` is http://host:port/path or tcp://host:port; an empty one disables the check.
    """

    probe: str
    patience: Count = 4
    cooldown_s: Seconds = 600.0
    give_up_after: Count = 5

    def problems(self) -> Iterator[WrongValue]:
        if self.probe and not (url_address(self.probe, "http") or url_address(self.probe, "tcp")):
            yield wrong("probe", self.probe, "http://host:port/path or tcp://host:port")


DEFAULT_SERVICES = {
    "homeassistant": ServiceSettings("http://172.18.4.2:8123/", cooldown_s=900.0),
    "influxdb": ServiceSettings("http://172.18.4.3:8086/health"),
    "mqtt": ServiceSettings("tcp://172.18.4.7:1883"),
    "nginx-reverse-proxy": ServiceSettings("http://172.18.4.4:8080/healthz"),
}
