"""Look for failures that no service reports itself; each becomes a problem.

Provision has the logins and the rights that this needs. An observation repairs nothing, but for the
statistics of implausible_energy_correction.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.influxdb.api import Influxdb
from hems.errors import HemsError
from hems.protocols.gateway.problem_kinds import (
    DEVICE_SILENT,
    DISK_FILLING,
    DISK_FULL,
    GATEWAY_BANNED,
    INFLUXDB_NO_NEW_POINTS,
    NO_WAY_BACK,
    PAGE_FAILS,
    READING_IMPLAUSIBLE,
    RECORDER_CORRUPT,
    RECOVERY_MODE,
    STORAGE_CORRUPT,
)
from hems.protocols.gateway.zigbee_problem_kinds import (
    BATTERY_LOW,
    ZIGBEE_CHANNEL_BUSY,
    ZIGBEE_ROUTER_SILENT,
)
from hems.supervision.worker.problem import ReportedProblem
from hems.workers.provision.observations.busy_channel import BusyChannel
from hems.workers.provision.observations.corrupt_files_and_bans import HomeAssistantFiles
from hems.workers.provision.observations.disk_room import DiskRoom
from hems.workers.provision.observations.implausible_energy_correction import ImplausibleReadings
from hems.workers.provision.observations.low_batteries import LowBatteries
from hems.workers.provision.observations.missing_points import MissingPoints
from hems.workers.provision.observations.recovery_mode import RecoveryMode
from hems.workers.provision.observations.silent_devices import SilentDevices
from hems.workers.provision.observations.web_pages import WebPages

FILES_S, INFLUXDB_S, PAGES_S = 60.0, 60.0, 150.0  # between two looks
AGAIN_S = 60.0  # after a look that has failed
HOME_ASSISTANT_S = 300.0  # which should rest while all is well
DISK_S = 30.0
SPOILT = (
    RECORDER_CORRUPT.unknown(),
    STORAGE_CORRUPT.unknown(),
    NO_WAY_BACK.unknown(),
    GATEWAY_BANNED.unknown(),
)
SILENT = (DEVICE_SILENT.unknown(), ZIGBEE_ROUTER_SILENT.unknown())
DISK = (DISK_FILLING.unknown(), DISK_FULL.unknown())
Look = Callable[[float, float], Iterable[ReportedProblem]]


@dataclass
class Observation:
    """Repeats one look, every `period_s` (s), and keeps what it found last.

    `look` returns the current problems at monotonic `now` and unix `wall` (s). It raises HemsError
    when a peer does not answer, which another step or worker reports: then `unknown` is returned,
    that is, every kind of problem that it may find.
    """

    look: Look
    period_s: float
    unknown: tuple[ReportedProblem, ...]
    _next_at: float = field(default=0.0, init=False)
    _problems: tuple[ReportedProblem, ...] = field(default=(), init=False)

    def problems(self, now: float, wall: float) -> tuple[ReportedProblem, ...]:
        """Return the problems at monotonic `now` and unix `wall` (s)."""
        if now >= self._next_at:
            self._next_at = now + self.period_s
            try:
                self._problems = tuple(self.look(now, wall))
            except HemsError:
                self._next_at = now + min(self.period_s, AGAIN_S)
                self._problems = self.unknown
        return self._problems


class MeterLooks(NamedTuple):
    """The meters besides a Linky: whether they send, what they measure, and on what they run.

    `channel` is that of those with Zigbee.
    """

    devices: SilentDevices
    readings: ImplausibleReadings
    batteries: LowBatteries
    channel: BusyChannel

    def observations(self) -> Iterator[Observation]:
        yield Observation(self.devices.problems, self.devices.period_s, SILENT)
        implausible = (READING_IMPLAUSIBLE.unknown(),)
        yield Observation(self.readings.problems, HOME_ASSISTANT_S, implausible)
        yield Observation(self.batteries.problems, HOME_ASSISTANT_S, (BATTERY_LOW.unknown(),))
        yield Observation(self.channel.problems, HOME_ASSISTANT_S, (ZIGBEE_CHANNEL_BUSY.unknown(),))


def observations(  # noqa: PLR0913
    *,
    folder: Path | None,
    session: Callable[[float], AdminSession] | None,
    database: Callable[[], Influxdb] | None,
    pages: WebPages | None,
    disk: DiskRoom | None,
    meters: MeterLooks | None,
) -> Iterator[Observation]:
    """Yield everything that can be observed of the peers that there are.

    `folder` is Home Assistant's configuration; `session` and `database` open the two services.
    `disk` has all volumes.
    """
    if disk is not None:
        yield Observation(disk.problems, DISK_S, DISK)
    if folder is not None:
        yield Observation(HomeAssistantFiles(folder).problems, FILES_S, SPOILT)
    if folder is not None and session is not None:
        recovery = RecoveryMode(session, folder)
        yield Observation(recovery.problems, HOME_ASSISTANT_S, (RECOVERY_MODE.unknown(),))
    if meters is not None:
        yield from meters.observations()
    if folder is not None and session is not None and database is not None:
        points = MissingPoints(session, database, folder)
        yield Observation(points.problems, INFLUXDB_S, (INFLUXDB_NO_NEW_POINTS.unknown(),))
    if pages is not None:
        yield Observation(pages.problems, PAGES_S, (PAGE_FAILS.unknown(),))
