"""Services of the fleet: one that runs but does not answer is restarted, until given up."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from loguru import logger

from hems.clients import balena_updates
from hems.clients.balena import REFUSALS
from hems.errors import HemsError
from hems.settings.watchdog import Service
from hems.workers.watchdog.checks import Journal, Supervisor
from hems.workers.watchdog.health import Health


@dataclass
class ServiceCheck:
    """One service. `probe` raises HemsError when it does not answer."""

    name: str
    settings: Service
    update_wait_s: float
    probe: Callable[[], None]
    supervisor: Supervisor
    journal: Journal
    health: Health = field(init=False)

    def __post_init__(self) -> None:
        self.health = Health(self.settings, self.update_wait_s)

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
        if self.health.container is None:
            with contextlib.suppress(HemsError):  # it answers, so it is in no trouble
                self._learn()

    def _learn(self) -> None:
        """Note in which container it answers: in another one it is new."""
        status, application = self.supervisor.status(), self.supervisor.application()
        self.health.container = balena_updates.restartable(self.name, status, application) or ""

    def _handle(self, problem: str, now: float) -> None:
        status, application = self.supervisor.status(), self.supervisor.application()
        container = balena_updates.restartable(self.name, status, application)
        if container is None:
            self.health.left_alone()
            return
        is_updating = balena_updates.is_under_way(status, application)
        if self.health.failed(container, now, is_updating=is_updating):
            self._restart(problem, now)
        elif self.health.is_given_up and not self.health.is_noted:
            self.health.is_noted = True
            reason = f"{self.health.restarts} restarts did not help: {problem}"
            self.journal.add(f"give up {self.name}", reason)

    def _restart(self, problem: str, now: float) -> None:
        try:
            self.supervisor.restart_service(self.name)
        except REFUSALS:
            self.health.asked(now, is_counted=False)
            raise
        except HemsError as error:  # it may take longer to stop than we wait
            self._note_restart(f"{problem}; not confirmed: {error}", now)
            raise
        self._note_restart(problem, now)

    def _note_restart(self, reason: str, now: float) -> None:
        self.health.asked(now, is_counted=True)
        self.journal.add(f"restart {self.name}", reason)
