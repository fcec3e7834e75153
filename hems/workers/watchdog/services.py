"""Services of the fleet: one that runs but does not answer is restarted, until given up.

A container gets `cooldown_s` to begin to answer when it is new: after a boot, an update, or a
restart of ours. Then `patience` probes in a row without an answer make a restart; after
`give_up_after` of them it is left alone until it answers. It has its restarts back once it
has answered for `cooldown_s`, so one that answers only for a moment gets no more of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from loguru import logger

from hems.clients.balena import Locked, NotReady
from hems.errors import HemsError, Rejected
from hems.settings.watchdog import Service
from hems.workers.watchdog import updates
from hems.workers.watchdog.checks import Journal, Supervisor

# A restart waits while the device is being updated, but a service that hangs for longer than
# this is worse than an untimely restart: one container that never comes up, or a lock that is
# never released, must not take the health check away from all the others.
UPDATE_WAIT_S = 3600.0


@dataclass
class Health:
    """What is known of one service. Times are monotonic seconds."""

    settings: Service
    failures: int = 0
    restarts: int = 0
    is_given_up: bool = False
    container: str = ""  # the one it answered or failed in last, empty while not known
    _quiet_until: float = 0.0
    _due_since: float = 0.0  # only while its failures have used up the patience
    _answering_since: float | None = None

    def answered(self, now: float) -> None:
        """Note that it answered."""
        self.failures, self.is_given_up = 0, False
        if self._answering_since is None:
            self._answering_since = now
        if now - self._answering_since >= self.settings.cooldown_s:
            self.restarts = 0

    def failed(self, container: str, now: float, *, is_updating: bool = False) -> bool:
        """Note that it did not answer in `container`; tell whether to restart it now.

        `is_updating`: something on the device is, though not this one's image.
        """
        self._answering_since = None
        if container != self.container:
            self.container = container
            self.failures, self._quiet_until = 0, now + self.settings.cooldown_s
        if now < self._quiet_until:
            return False
        self.failures += 1
        if self.failures < self.settings.patience:
            return False
        if self.failures == self.settings.patience:
            self._due_since = now
        if is_updating and now - self._due_since < UPDATE_WAIT_S:
            return False
        self.is_given_up = self.restarts >= self.settings.give_up_after
        return not self.is_given_up

    def left_alone(self) -> None:
        """Note that it does not run, or its image is on its way: what comes then is new."""
        self.failures, self.container, self._answering_since = 0, "", None

    def asked(self, now: float, *, is_counted: bool) -> None:
        """Note that a restart was asked for; one that was refused does not count."""
        self.failures, self._quiet_until = 0, now + self.settings.cooldown_s
        self.restarts += is_counted


@dataclass
class ServiceCheck:
    """One service. `probe` raises HemsError when it does not answer."""

    name: str
    settings: Service
    probe: Callable[[], None]
    supervisor: Supervisor
    journal: Journal
    health: Health = field(init=False)

    def __post_init__(self) -> None:
        self.health = Health(self.settings)

    def step(self, now: float) -> None:
        """Look at monotonic `now` (s). Raises HemsError when the Supervisor cannot be asked."""
        try:
            self.probe()
        except HemsError as error:
            self._handle(str(error), now)
        else:
            self._note_answer(now)

    def _note_answer(self, now: float) -> None:
        if self.health.is_given_up:
            logger.info("{}: answers again", self.name)
        self.health.answered(now)
        if not self.health.container:
            status, application = self.supervisor.status(), self.supervisor.application()
            self.health.container = updates.restartable(self.name, status, application) or ""

    def _handle(self, problem: str, now: float) -> None:
        status, application = self.supervisor.status(), self.supervisor.application()
        container = updates.restartable(self.name, status, application)
        if container is None:
            self.health.left_alone()
            return
        was_given_up = self.health.is_given_up
        is_updating = updates.is_under_way(status, application)
        if self.health.failed(container, now, is_updating=is_updating):
            self._restart(problem, now)
        elif self.health.is_given_up and not was_given_up:
            reason = f"{self.health.restarts} restarts did not help: {problem}"
            self.journal.add(f"give up {self.name}", reason)

    def _restart(self, problem: str, now: float) -> None:
        is_counted = True
        try:
            self.supervisor.restart_service(self.name)
        except (Locked, NotReady, Rejected):  # it was certainly not restarted
            is_counted = False
            raise
        else:
            self.journal.add(f"restart {self.name}", problem)
        finally:
            self.health.asked(now, is_counted=is_counted)
