"""The watchdog's rounds in a directory of their own, and checks that record."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hems.clients.outlook import Outlook
from hems.errors import HemsError
from hems.protocols import watchdog_state
from hems.protocols.watchdog_state import Internet, WatchdogState
from hems.settings.watchdog import Service
from hems.workers.watchdog.internet import InternetCheck
from hems.workers.watchdog.reboots import Backoff
from hems.workers.watchdog.restart_log import RestartLog
from hems.workers.watchdog.rounds import Rounds
from hems.workers.watchdog.services import ServiceCheck
from tests.fakes.balena import FakeSupervisor
from tests.fakes.time import FakeTime

MQTT = Service("tcp://h:1", patience=4, cooldown_s=600.0, give_up_after=3)
BACKOFF = Backoff(1800.0, 86400.0, 1800.0, 600.0, "this boot")


@dataclass
class Recorder:
    """A check that records when it is made, and fails while told to."""

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

    def __post_init__(self) -> None:
        self.data = self.directory

    @property
    def state_file(self) -> Path:
        return self.directory / "watchdog.json"

    def state(self) -> WatchdogState:
        return watchdog_state.decode(self.state_file.read_bytes())

    def rounds(self, clock: FakeTime, *others: Recorder) -> Rounds:
        journal = RestartLog(self.data / "restartLog.txt", clock)
        record = self.data / "reboots.json"
        look = self._look
        check = InternetCheck(look, self.supervisor, BACKOFF, 3600.0, record, journal)
        services = [ServiceCheck("mqtt", MQTT, 3600.0, self.probe, self.supervisor, journal)]
        if "mqtt" not in self.supervisor.running:
            services = []
        return Rounds(check, services, [journal, *others], journal, self.state_file, 30.0)

    def _look(self) -> Outlook:
        return Outlook(self.internet, "")
