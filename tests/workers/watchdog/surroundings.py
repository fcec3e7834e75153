"""The watchdog's rounds in a directory of their own, and checks that record."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from hems.clients.internet.reachability import Reachability
from hems.errors import HemsError
from hems.protocols.gateway import watchdog_report
from hems.protocols.gateway.watchdog_report import Internet, WatchdogState
from hems.settings.watchdog import ServiceSettings
from hems.workers.watchdog.check_rounds import CheckRounds
from hems.workers.watchdog.internet_check_and_reboot import InternetCheck
from hems.workers.watchdog.reboot_backoff import RebootBackoff, record_file
from hems.workers.watchdog.restart_log_file import RestartLog
from hems.workers.watchdog.service_repair import ServiceRepair
from tests.fakes.balena import FakeSupervisor, running_containers
from tests.fakes.time import FakeTime

MQTT = ServiceSettings("tcp://h:1", patience=4, cooldown_s=600.0, give_up_after=3)
BACKOFF = RebootBackoff(1800.0, 86400.0, 1800.0, 600.0, "this boot")


@dataclass
class Recorder:
    """A check that records when it is made, and fails on request."""

    name: str = "recorder"
    error: HemsError | None = None
    made_at: list[float] = field(default_factory=list)
    on_step: Callable[[], None] = lambda: None

    def step(self, now: float) -> None:
        self.made_at.append(now)
        self.on_step()
        if self.error is not None:
            raise self.error


@dataclass
class Home:
    """Rounds in a directory of their own, with an internet that a test chooses."""

    directory: Path
    internet: Internet = Internet.ONLINE
    supervisor: FakeSupervisor = field(default_factory=FakeSupervisor)
    probe: Callable[[], None] = lambda: None
    boot_id: str = BACKOFF.boot_id

    def __post_init__(self) -> None:
        self.data = self.directory

    @property
    def report_path(self) -> Path:
        return self.directory / "watchdog.json"

    def report(self) -> WatchdogState:
        return watchdog_report.decode(self.report_path.read_bytes())

    def rounds(self, clock: FakeTime, *others: Recorder) -> CheckRounds:
        restart_log = RestartLog(self.data / "restartLog.txt", clock)
        record = record_file(self.data / "reboots.json")
        look, backoff = self._look, replace(BACKOFF, boot_id=self.boot_id)
        check = InternetCheck(look, self.supervisor, backoff, 3600.0, record, restart_log)
        seen = running_containers(self.supervisor, clock)
        services = [ServiceRepair("mqtt", MQTT, 3600.0, self.probe, seen, restart_log)]
        if "mqtt" not in self.supervisor.running:
            services = []
        return CheckRounds(
            check, services, [restart_log, *others], restart_log, self.report_path, 30.0, seen
        )

    def _look(self) -> Reachability:
        return Reachability(self.internet, "")
