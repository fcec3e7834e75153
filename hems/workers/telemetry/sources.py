"""Where the figures come from. What does not answer is not known, and its reason is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from hems.clients.outage import Outage
from hems.errors import HemsError, Unavailable
from hems.protocols import health_report, watchdog_state
from hems.protocols.gateway_state import Machine
from hems.protocols.health_report import HealthReport
from hems.protocols.watchdog_state import WatchdogState
from hems.settings import Settings
from hems.system import machine
from hems.system.machine import Disk
from hems.workers.telemetry.wear import Wear

WATCHDOG = "state of the watchdog"
T = TypeVar("T")


@dataclass(frozen=True)
class Sources:
    """How each is asked; all raise HemsError. `read_…` return what other processes have told."""

    read_health: Callable[[], bytes]
    read_watchdog: Callable[[], bytes]
    cpu_temperature: Callable[[], float]
    memory_used: Callable[[], float]
    disk: Callable[[], Disk]
    bytes_written: Callable[[], int]


def sources(settings: Settings) -> Sources:
    """Return this machine's; the disk is the one that holds the watchdog's data."""
    data = Path(settings.watchdog.data_directory)
    return Sources(
        partial(_content, Path(settings.telemetry.health_file)),
        partial(_content, Path(settings.watchdog.state_file)),
        machine.cpu_temperature,
        machine.memory_used,
        partial(machine.disk, data),
        partial(machine.bytes_written, data),
    )


class Observer:
    """Asks `sources`; each that goes and comes back is a line in the log."""

    def __init__(self, sources: Sources, os_version: str) -> None:
        self._sources = sources
        self._os_version = os_version
        self._wear = Wear()
        self._outages: dict[str, Outage] = {}

    @property
    def unread(self) -> Mapping[str, str]:
        """Return why something is not known, by its name."""
        return {name: outage.reason for name, outage in self._outages.items() if outage.reason}

    def report(self, now: float) -> HealthReport | None:
        """Return how the units are at monotonic `now` (s)."""
        read = self._sources.read_health
        return self._asked("health of the units", lambda: health_report.believed(read(), now), now)

    def watchdog(self, now: float) -> WatchdogState | None:
        """Return what the watchdog has found at monotonic `now` (s)."""
        read = self._sources.read_watchdog
        return self._asked(WATCHDOG, lambda: watchdog_state.believed(read(), now), now)

    def machine(self, now: float) -> Machine:
        """Return the machine's own figures at monotonic `now` (s), which is its uptime, too."""
        disk = self._asked("disk space", self._sources.disk, now)
        written = self._asked("bytes written", self._sources.bytes_written, now)
        return Machine(
            uptime_s=now,
            cpu_temperature=self._asked("CPU temperature", self._sources.cpu_temperature, now),
            memory_used=self._asked("memory", self._sources.memory_used, now),
            disk_used=disk.used if disk else None,
            disk_free=disk.free if disk else None,
            written_per_hour=None if written is None else self._wear.per_hour(now, written),
            os_version=self._os_version,
        )

    def _asked(self, name: str, ask: Callable[[], T], now: float) -> T | None:
        outage = self._outages.setdefault(name, Outage(name))
        try:
            found = ask()
        except HemsError as error:
            outage.begin(str(error), now)
            return None
        outage.end(now)
        return found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from None
