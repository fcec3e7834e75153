"""An ordinary household in virtual time, with what its gateway's workers report.

The units of etc/supervisord.conf, the list of problems, the watchdog's rounds and the silent meters
are the real ones; the rest of each worker is what it would see.
"""

from __future__ import annotations

import configparser
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

import hems
from hems.errors import HemsError, Unavailable
from hems.protocols.gateway import watchdog_report
from hems.protocols.gateway.problem_kinds import KINDS
from hems.protocols.gateway.unit_health_file import HealthReport, UnitHealth
from hems.protocols.gateway.watchdog_report import Internet
from hems.settings.read_secrets import D2lDevice
from hems.supervision.health.problem_list import ProblemList
from hems.supervision.settings import directive_parser
from hems.supervision.settings.unit_spec import RestartCondition, UnitSpec
from hems.supervision.units.unit_phase import HealthState
from hems.supervision.worker.problem import ReportedProblem
from hems.worker_runtime import Context
from hems.workers.eesmart_d2l.dongle import Dongle
from hems.workers.eesmart_d2l.silent_meters import SilentMeters
from hems.workers.eesmart_d2l.trusted_clock import TrustedClock
from hems.workers.provision import provision_metrics
from hems.workers.telemetry import telemetry_problems
from hems.workers.telemetry.state_sources import WATCHDOG
from tests.fakes.observed_services import ObservedServices
from tests.fakes.time import FakeNotifier, FakeTime
from tests.supervision.units.owner import Owner
from tests.workers.watchdog.surroundings import Home

TICK_S = 15.0  # half of the shortest WatchdogSec, and shorter than any TimeoutStartSec
MINUTE, HOUR = 60.0, 3600.0
LATE_S = {"homeassistant": 3 * MINUTE, "influxdb": MINUTE, "nginx-reverse-proxy": 5.0}
LOOK_S = 30.0  # of provision (60 s, or 10 s while something waits) and telemetry (60 s)
READY_S = 3.0  # from a worker's start until it is ready
CONF = Path(hems.__file__).parents[1] / "etc" / "supervisord.conf"


def specs() -> Iterator[UnitSpec]:
    """Yield the units of etc/supervisord.conf."""
    parser = configparser.RawConfigParser()
    parser.read(CONF)
    for section in parser.sections():
        if section.startswith("program:"):
            name = section.removeprefix("program:")
            unit = parser[section]["environment"].partition('UNIT="')[2].rstrip('"')
            for variable in ("D2L_LISTEN", "REFUSALS_LISTEN"):
                unit = unit.replace(f"%(ENV_{variable})s", "172.18.4.1:7846")
            yield directive_parser.parse(unit, UnitSpec(name, restart=RestartCondition.ALWAYS))


@dataclass
class Household(FakeTime):
    """The gateway's clock and stop: time passes while its watchdog waits.

    `minute` is the time of day of the household, in minutes since the first midnight.
    """

    directory: Path = field(kw_only=True)
    minute: float = 7 * 60.0
    has_router: bool = True
    has_meter: bool = True
    is_updating: bool = False
    is_undervolted: bool = False
    away: set[str] = field(default_factory=set)  # services
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dongle = Dongle(D2lDevice(21234567890, bytes(16), bytes(16)), 60)
        self.home = Home(self.directory, probe=self._probe)
        self.home.supervisor.add("mqtt")
        self.services = ObservedServices(self.directory)
        self.boots = 0
        self.is_ended = False
        self.boot()

    def boot(self) -> None:
        """Start the machine: its monotonic clock begins again."""
        self.boots += 1
        self.now, self.boot_at = 20.0, 20.0
        self.home.boot_id = f"boot {self.boots}"
        self.start()

    def start(self) -> None:
        """Start the container hems, whose tmpfs is empty."""
        self.home.report_path.unlink(missing_ok=True)
        self.problems = ProblemList(
            {kind.name: kind for kind in KINDS},
            lambda line: self.log.append(f"{self.clock_face} {line}"),
            lambda line: self.log.append(f"{self.clock_face} {line}"),
        )
        self.owners = {spec.name: Owner(spec, self.now) for spec in specs()}
        self.started_at = self.now
        self.notifier = FakeNotifier()
        self.observations = list(self.services.observations())
        self.latest: dict[str, tuple[ReportedProblem, ...]] = {}
        self.looked_at = float("-inf")
        self._restart_meters()

    def live(self, until_minute: float, *events: tuple[float, Callable[[], None]]) -> None:
        """Live until this minute; at the minute of each event call it."""
        self.end_minute = until_minute
        self.events = sorted(events, key=lambda event: event[0])
        self.is_ended = False
        while not self.is_ended:
            self.until = float("inf")
            self.notifier = FakeNotifier()
            self.home.rounds(self).run(Context(self, self, self.notifier))

    def restart_hems(self) -> None:
        self.start()
        self.until = self.now

    def reboot(self) -> None:
        self.minute += 1
        self.boot()
        self.until = self.now

    @property
    def clock_face(self) -> str:
        return f"{int(self.minute) // 60 % 24:02}:{int(self.minute) % 60:02}"

    def wait(self, timeout: float) -> bool:
        end = self.now + timeout
        while self.now < min(end, self.until):
            self.now = min(self.now + TICK_S, end)
            self.minute += TICK_S / MINUTE
            self._tick()
        return self.now >= self.until

    def _tick(self) -> None:
        while self.events and self.events[0][0] <= self.minute:
            self.events.pop(0)[1]()
        if self.home.supervisor.requests.count("reboot"):
            self.home.supervisor.requests.clear()
            self.reboot()
        if self.minute >= self.end_minute:
            self.is_ended, self.until = True, self.now
        self.home.internet = Internet.ONLINE if self.has_router else Internet.NO_LINK
        self.services.free = 6.0 if self.is_updating else 50.0
        if self.has_router and self.has_meter and self.now % MINUTE < TICK_S:
            self.dongle.last_life_at = self.now
        self._run_units()
        self._report()
        wall = self.time()
        self.problems.update(
            self.now, wall, lambda: {name: owner.unit for name, owner in self.owners.items()}
        )

    def _run_units(self) -> None:
        for owner in self.owners.values():
            owner.now = self.now
            owner.step()
            while owner.control:  # its ExecStartPre
                owner.control_exit()
            started_at = owner.unit.started_at
            if started_at is not None and self.now - started_at >= READY_S:
                owner.notify(is_ready=True, is_alive=True)

    def _report(self) -> None:
        """Let each worker that is up report its problems."""
        units = {name: owner.unit for name, owner in self.owners.items()}
        wall = self._pass_on()
        if self.now - self.looked_at >= LOOK_S:
            self.looked_at, self.latest = self.now, self._latest(wall)
        reports = {
            **self.latest,
            "watchdog": self.notifier.latest_problems,
            "eesmart-d2l": tuple(self.silent.problems([self.dongle], self.now)),
            "led": (),
            "iptables-init": (),
        }
        for name, problems in reports.items():
            if units[name].is_up and problems is not None:
                self.owners[name].notify(problems=problems)

    def _pass_on(self) -> float:
        """Let the services live until now, the unix time (s) that it returns.

        Some come late at a boot.
        """
        wall = self.epoch + self.minute * MINUTE  # which no boot sets back
        since_boot_s, away = self.now - self.boot_at, set(self.away)
        away |= {name for name, late_s in LATE_S.items() if since_boot_s < late_s}
        self.services.away = away
        self.services.live(wall)
        return wall

    def _latest(self, wall: float) -> dict[str, tuple[ReportedProblem, ...]]:
        """Return what provision and telemetry find now."""
        observed = (one for look in self.observations for one in look.problems(self.now, wall))
        return {
            "provision": (
                *provision_metrics.problems(self._undone(), (), has_supervisor=True),
                *observed,
            ),
            "telemetry": tuple(
                telemetry_problems.problems(
                    self._health(), self._unread(), is_undervolted=self.is_undervolted
                )
            ),
        }

    def crash(self, name: str) -> None:
        self.owners[name].exit(signal=9)
        if name == "eesmart-d2l":
            self._restart_meters()

    def restart_unit(self, name: str) -> None:
        """Restart it by hand."""
        owner = self.owners[name]
        owner.unit.stop(self.now)
        owner.exit(signal=15)
        owner.unit.start(owner.now)

    def _restart_meters(self) -> None:
        self.dongle.last_life_at = None
        clock = TrustedClock(self, is_required=True)
        self.silent = SilentMeters(600.0, self.now, self._read_watchdog, clock)
        self.silent.recall([self.dongle.id])

    def _read_watchdog(self) -> bytes:
        try:
            return self.home.report_path.read_bytes()
        except OSError as error:
            raise Unavailable(str(error)) from None

    def _unread(self) -> dict[str, str]:
        try:
            watchdog_report.fresh(self._read_watchdog(), self.now)
        except HemsError as error:
            return {WATCHDOG: str(error)}
        return {}

    def _health(self) -> HealthReport:
        units = (
            UnitHealth(name, HealthState(owner.state), "", True, 0, "", msgspec.Raw(b"{}"))
            for name, owner in self.owners.items()
        )
        return HealthReport(self.now, tuple(units))

    def _undone(self) -> dict[str, str]:
        """Return what provision waits for: at a start, and while an update replaces services."""
        is_starting = self.now - self.started_at < 4 * MINUTE
        return {"homeassistant": "it does not answer"} if is_starting or self.is_updating else {}

    def _probe(self) -> None:
        if self.is_updating or self.now - self.boot_at < 3 * MINUTE:
            raise Unavailable("no answer")
