"""A machine in virtual time: it boots, reaches the internet or not, and reboots on request."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path

from hems.clients.balena.supervisor_api import SupervisorLocked
from hems.clients.internet.reachability import Reachability
from hems.errors import Unavailable
from hems.protocols.gateway.watchdog_report import Internet, WatchdogState
from hems.workers.watchdog import watchdog_metrics
from hems.workers.watchdog.internet_check_and_reboot import InternetCheck
from hems.workers.watchdog.reboot_backoff import RebootBackoff, record_file
from tests.fakes.balena import FakeRestartLog, FakeSupervisor

BOOT_S = 40.0  # from a reboot to the worker's first check
FIRST_S, LONGEST_S, UPTIME_S, RETRY_S, FORGOTTEN_S = 1800.0, 86400.0, 1800.0, 600.0, 3600.0


class Answer(Enum):
    """What the Supervisor does with a request to reboot."""

    REBOOTS = "accepts, and the machine reboots"
    PRETENDS = "accepts, and nothing happens"
    LOCKED = "423"
    LOSES = "reboots, and the answer is lost"
    SILENT = "does not answer, nothing happens"


class Machine(FakeSupervisor):
    """`true_now` is the time outside, which no reboot stops; times in seconds.

    `calls` and `reboots` are the true times of requests and of reboots they caused;
    `on_call` is called at each request, before it has an effect.
    """

    def __init__(self, directory: Path, period_s: float = 30.0) -> None:
        super().__init__()
        self.directory = directory
        self.period_s = period_s
        self.restart_log = FakeRestartLog()
        self.internet = Internet.ONLINE
        self.answer = Answer.REBOOTS
        self.true_now = 0.0
        self.calls: list[float] = []
        self.reboots: list[float] = []
        self.on_call: Callable[[], None] = lambda: None
        self.troubles: list[str] = []
        self._boots = 0
        self._will_reboot = False
        self.boot()

    @property
    def record_path(self) -> Path:
        return self.directory / "reboots.json"

    def boot(self) -> None:
        """Start again: by a reboot, or after a power cut."""
        self._boots += 1
        self._will_reboot = False
        self._checked_at: float | None = None  # uptime; the report on tmpfs is from then
        self.uptime = BOOT_S
        self.true_now += BOOT_S
        self.start()

    def start(self) -> None:
        """Start the worker again, with what is on disk and its report for other workers."""
        report = self._report()
        backoff = RebootBackoff(FIRST_S, LONGEST_S, UPTIME_S, RETRY_S, f"boot {self._boots}")
        self.check = InternetCheck(
            self._probe, self, backoff, FORGOTTEN_S, record_file(self.record_path), self.restart_log
        )
        if report is not None:
            self.check.history.resume(report, self.uptime)

    def _report(self) -> WatchdogState | None:
        if self._checked_at is None:
            return None
        return watchdog_metrics.report(
            self.check, [], self._checked_at, self.period_s, is_writable=True
        )

    def be_away(self, seconds: float) -> None:
        """Let `seconds` pass without the worker, then start it again."""
        self.uptime += seconds
        self.true_now += seconds
        self.start()

    def run(self, seconds: float) -> None:
        """Let the worker check every period for `seconds`, across reboots."""
        end = self.true_now + seconds
        while self.true_now < end:
            try:
                self.check.step(self.uptime)
            except Unavailable as error:
                self.troubles.append(str(error))
            self._checked_at = self.uptime
            self.uptime += self.period_s
            self.true_now += self.period_s
            if self._will_reboot:
                self.reboots.append(self.true_now)
                self.boot()

    def reboot(self) -> None:
        self.on_call()
        self.calls.append(self.true_now)
        self._will_reboot = self.answer in {Answer.REBOOTS, Answer.LOSES}
        if self.answer is Answer.LOCKED:
            raise SupervisorLocked("423, locked: the updates are")
        if self.answer in {Answer.LOSES, Answer.SILENT}:
            raise Unavailable("no answer within 60 s")

    def _probe(self) -> Reachability:
        return Reachability(self.internet, "" if self.internet is Internet.ONLINE else "no answers")
