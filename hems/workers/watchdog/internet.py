"""The internet check: how far we see, since when, and a reboot when it stays away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from loguru import logger

from hems.clients.balena import REFUSALS
from hems.clients.outlook import Outlook
from hems.errors import HemsError
from hems.protocols.watchdog_state import Internet, WatchdogState
from hems.workers.watchdog import reboots
from hems.workers.watchdog.checks import Journal, Supervisor
from hems.workers.watchdog.reboots import Backoff

OFFLINE = {Internet.LAN_ONLY, Internet.NO_LINK}


@dataclass
class History:
    """The state now, since when, and since when without internet (monotonic s, None: with)."""

    state: Internet | None = None
    since: float = 0.0
    offline_since: float | None = None

    def observe(self, state: Internet, now: float) -> bool:
        """Note what was found at monotonic `now` (s); tell whether it is a change."""
        if state not in OFFLINE:
            self.offline_since = None
        elif self.offline_since is None:
            self.offline_since = now
        if state is self.state:
            return False
        self.state, self.since = state, now
        return True

    def resume(self, told: WatchdogState, now: float) -> None:
        """Go on from what this worker told before it was restarted, if that is fresh.

        The time since then counts for nothing: nobody has looked.
        """
        if told.is_fresh(now) and 0 <= told.internet_since <= told.written_at:
            self.observe(told.internet, told.internet_since + now - told.written_at)


@dataclass
class InternetCheck:
    """Reboots through `supervisor` (None: only looks) by the rules of `backoff`.

    `forgotten_s` online, and the reboots made are forgotten. `is_held_back`: a reboot is due,
    and is not made because the attempt cannot be written down.
    """

    look: Callable[[], Outlook]
    supervisor: Supervisor | None
    backoff: Backoff
    forgotten_s: float
    path: Path
    journal: Journal
    history: History = field(default_factory=History)
    name: str = "internet"

    def __post_init__(self) -> None:
        self.record = reboots.load(self.path)
        self.is_held_back = False
        self._noted: float | None = None  # the begin of the outage whose reboot is written down
        self._refusal = ""

    def step(self, now: float) -> None:
        """Look at monotonic `now` (s). Raises HemsError when a reboot was due and refused."""
        self.is_held_back = False
        outlook = self.look()
        if self.history.observe(outlook.internet, now):
            why = f": {outlook.reason}" if outlook.reason else ""
            logger.info("internet: {}{}", outlook.internet.value, why)
        if outlook.internet is Internet.ONLINE:
            self._forget(now)
        due_at = self.reboot_at()
        if self.supervisor is not None and due_at is not None and now >= due_at:
            self._reboot(self.supervisor, outlook, now)

    def reboot_at(self) -> float | None:
        """Return the monotonic time (s) of the next reboot if all stays as it is, else None."""
        if self.supervisor is None or self.history.offline_since is None:
            return None
        return self.backoff.due_at(self.record, self.history.offline_since)

    def _reboot(self, supervisor: Supervisor, outlook: Outlook, now: float) -> None:
        record = self.backoff.asked(self.record, now)
        self.is_held_back = True
        reboots.save(self.path, record)
        self.is_held_back = False
        self.record = record
        if self._noted != self.history.offline_since:
            self._note(outlook, now)
        try:
            supervisor.reboot()
        except HemsError as error:
            if str(error) != self._refusal:
                outcome = "refused" if isinstance(error, REFUSALS) else "not confirmed"
                self.journal.add(f"reboot {outcome}", str(error))
            self._refusal = str(error)
            raise
        if self._refusal:
            self.journal.add("reboot accepted", f"after: {self._refusal}")
        self._refusal = ""

    def _note(self, outlook: Outlook, now: float) -> None:
        """Write down that a reboot is asked for: once in each outage, and by each process."""
        self._noted, self._refusal = self.history.offline_since, ""
        offline_s = now - (self.history.offline_since or 0.0)
        reason = f"{outlook.internet.value}, no internet for {offline_s / 60:.0f} min"
        self.journal.add("reboot", f"{reason} ({outlook.reason})")

    def _forget(self, now: float) -> None:
        if self.record.attempts and now - self.history.since >= self.forgotten_s:
            reboots.save(self.path, reboots.Record())
            self.record = reboots.Record()
            logger.info("online for {:.0f} s: earlier reboots are forgotten", self.forgotten_s)
