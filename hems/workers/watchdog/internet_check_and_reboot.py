"""Check how much of the internet is reachable, and reboot when it stays away for too long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from loguru import logger

from hems.clients.balena.supervisor_api import REFUSALS, BalenaSupervisor
from hems.clients.internet.reachability import Reachability
from hems.errors import HemsError, Unavailable
from hems.protocols.gateway.report_decoder import is_fresh
from hems.protocols.gateway.watchdog_report import Internet, WatchdogState
from hems.system.record_file import RecordFile
from hems.workers.watchdog.reboot_backoff import RebootBackoff, RebootRecord
from hems.workers.watchdog.restart_log_file import RestartLog

OFFLINE = {Internet.LAN_ONLY, Internet.NO_LINK}


@dataclass
class InternetHistory:
    """The current state, and when it began (monotonic s).

    `offline_since` is when the internet went away, None while it is there.
    """

    state: Internet | None = None
    since: float = 0.0
    offline_since: float | None = None

    def observe(self, state: Internet, now: float) -> bool:
        """Record the state at monotonic `now` (s); return whether it has changed."""
        if state not in OFFLINE:
            self.offline_since = None
        elif self.offline_since is None:
            self.offline_since = now
        if state is self.state:
            return False
        self.state, self.since = state, now
        return True

    def resume(self, report: WatchdogState, now: float) -> None:
        """Continue from the report of the watchdog before this one, if it is fresh.

        The time since that report does not count: nobody checked.
        """
        if is_fresh(report, now) and 0 <= report.internet_since <= report.written_at:
            self.observe(report.internet, report.internet_since + now - report.written_at)


@dataclass
class InternetCheck:
    """Check the internet; reboot through `supervisor` (None: check only) as `backoff` allows.

    After `forgotten_s` online the check forgets earlier reboots. `is_held_back`: a reboot is due,
    but does not happen because the attempt cannot be put on disk. `is_reboot_lost`: balena accepted
    a reboot that did not happen, and has closed its API until its Supervisor restarts.
    """

    probe: Callable[[], Reachability]
    supervisor: BalenaSupervisor | None
    backoff: RebootBackoff
    forgotten_s: float
    record_file: RecordFile[RebootRecord]
    restart_log: RestartLog
    history: InternetHistory = field(default_factory=InternetHistory)
    name: str = "internet"

    def __post_init__(self) -> None:
        self.record = self.record_file.record  # the newest that is on disk
        self.is_held_back = False
        self.is_reboot_lost = False
        self._accepted_at: float | None = None  # monotonic seconds, of the newest request
        self._logged_outage: float | None = None  # when the outage began whose reboot is logged
        self._refusal = ""

    def step(self, now: float) -> None:
        """Check at monotonic `now` (s). Raises HemsError when a reboot is due and fails."""
        self.is_held_back = False
        reachability = self.probe()
        if self.history.observe(reachability.internet, now):
            reason = f": {reachability.reason}" if reachability.reason else ""
            logger.info("internet: {}{}", reachability.internet.value, reason)
        if reachability.internet is Internet.ONLINE:
            self.is_reboot_lost, self._accepted_at = False, None
            self._forget_reboots(now)
        due_at = self.reboot_at()
        if self.supervisor is not None and due_at is not None and now >= due_at:
            self._reboot(self.supervisor, reachability, now)

    def reboot_at(self) -> float | None:
        """Return the monotonic time (s) of the next reboot if nothing changes, else None."""
        if self.supervisor is None or self.history.offline_since is None:
            return None
        return self.backoff.due_at(self.record, self.history.offline_since)

    def _reboot(self, supervisor: BalenaSupervisor, reachability: Reachability, now: float) -> None:
        self.is_held_back = True
        self._save(self.backoff.requested(self.record, now))
        self.is_held_back = False
        if self._logged_outage != self.history.offline_since:
            self._log_reboot(reachability, now)
        try:
            supervisor.reboot()
        except HemsError as error:
            if str(error) != self._refusal:
                self._log_failure(error, now)
            self._refusal = str(error)
            raise
        if self._refusal:
            self.restart_log.add("reboot accepted", f"after: {self._refusal}")
        self._refusal, self._accepted_at, self.is_reboot_lost = "", now, False

    def _log_failure(self, error: HemsError, now: float) -> None:
        """Log why a request failed. After an accepted one the Supervisor refuses connections."""
        self.is_reboot_lost = self._accepted_at is not None and type(error) is Unavailable
        if self._accepted_at is not None and self.is_reboot_lost:
            minutes = (now - self._accepted_at) / 60
            reason = f"balena accepted it {minutes:.0f} min ago and has been silent since: {error}"
            self.restart_log.add("reboot did not happen", reason)
            return
        outcome = "refused" if isinstance(error, REFUSALS) else "not confirmed"
        self.restart_log.add(f"reboot {outcome}", str(error))

    def _log_reboot(self, reachability: Reachability, now: float) -> None:
        """Log the request for a reboot: once in each outage, and once in each process."""
        self._logged_outage, self._refusal = self.history.offline_since, ""
        offline_s = now - (self.history.offline_since or 0.0)
        reason = f"{reachability.internet.value}, no internet for {offline_s / 60:.0f} min"
        self.restart_log.add("reboot", f"{reason} ({reachability.reason})")

    def _forget_reboots(self, now: float) -> None:
        if self.record.attempts and now - self.history.since >= self.forgotten_s:
            self._save(RebootRecord())
            logger.info("online for {:.0f} s: earlier reboots are forgotten", self.forgotten_s)

    def _save(self, record: RebootRecord) -> None:
        """Put `record` on disk. Raises Unavailable, and keeps the earlier one, if it fails."""
        self.record_file.save(record)
        self.record = record
