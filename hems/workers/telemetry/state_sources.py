"""Read the gateway's state: reports of other processes, temperature, memory, disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from hems.errors import HemsError
from hems.protocols.gateway import unit_health_file, watchdog_report
from hems.protocols.gateway.entity_states import MachineState
from hems.protocols.gateway.unit_health_file import HealthReport
from hems.protocols.gateway.watchdog_report import WatchdogState
from hems.settings import Settings
from hems.system import files, host_metrics
from hems.system.host_metrics import DiskSpace
from hems.worker_outage_log import Outage
from hems.workers.telemetry.disk_write_rate import DiskWriteRate

HEALTH, WATCHDOG = "health of the units", "state of the watchdog"
T = TypeVar("T")


@dataclass(frozen=True)
class StateSources:
    """How to read each value; all raise HemsError.

    `read_health` and `read_watchdog` return the reports of other processes.
    """

    read_health: Callable[[], bytes]
    read_watchdog: Callable[[], bytes]
    cpu_temperature: Callable[[], float]
    memory_used: Callable[[], float]
    disk: Callable[[], DiskSpace]
    bytes_written: Callable[[], int]
    is_undervolted: Callable[[], bool]


def sources(settings: Settings) -> StateSources:
    """Return this machine's sources; the disk is the one that holds the watchdog's data."""
    data = Path(settings.watchdog.data_directory)
    return StateSources(
        partial(files.read, Path(settings.telemetry.health_file)),
        partial(files.read, Path(settings.watchdog.state_file)),
        host_metrics.cpu_temperature,
        host_metrics.memory_used,
        partial(host_metrics.disk, data),
        partial(host_metrics.bytes_written, data),
        host_metrics.is_undervolted,
    )


class StateReader:
    """Reads the sources; logs once when one fails, and once when it works again.

    A value that cannot be read is None, and `unread` has the reason.
    """

    def __init__(self, sources: StateSources, os_version: str) -> None:
        self._sources = sources
        self._os_version = os_version
        self._write_rate = DiskWriteRate()
        self._outages: dict[str, Outage] = {}

    @property
    def unread(self) -> Mapping[str, str]:
        """Return why a source could not be read, by its name."""
        return {name: outage.reason for name, outage in self._outages.items() if outage.reason}

    def report(self, now: float) -> HealthReport | None:
        """Return the health of all units at monotonic `now` (s)."""
        read = self._sources.read_health
        return self._read(HEALTH, lambda: unit_health_file.fresh(read(), now), now)

    def watchdog(self, now: float) -> WatchdogState | None:
        """Return the watchdog's state at monotonic `now` (s)."""
        read = self._sources.read_watchdog
        return self._read(WATCHDOG, lambda: watchdog_report.fresh(read(), now), now)

    def machine(self, now: float) -> MachineState:
        """Return the machine's own values at monotonic `now` (s), which is also its uptime."""
        disk = self._read("disk space", self._sources.disk, now)
        written = self._read("bytes written", self._sources.bytes_written, now)
        return MachineState(
            uptime_s=now,
            cpu_temperature=self._read("CPU temperature", self._sources.cpu_temperature, now),
            memory_used=self._read("memory", self._sources.memory_used, now),
            disk_used=disk.used if disk else None,
            disk_free=disk.free if disk else None,
            written_per_hour=None if written is None else self._write_rate.per_hour(now, written),
            os_version=self._os_version,
        )

    def is_undervolted(self, now: float) -> bool | None:
        """Return whether the power supply is too weak at monotonic `now` (s)."""
        return self._read("voltage of the supply", self._sources.is_undervolted, now)

    def _read(self, name: str, read: Callable[[], T], now: float) -> T | None:
        outage = self._outages.setdefault(name, Outage(name))
        try:
            value = read()
        except HemsError as error:
            outage.begin(str(error), now)
            return None
        outage.end(now)
        return value
