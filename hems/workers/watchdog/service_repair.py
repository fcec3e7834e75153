"""Restart a service of the fleet that runs but does not answer, until it is given up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from loguru import logger

from hems.clients.balena import service_restart
from hems.clients.balena.supervisor_api import REFUSALS
from hems.errors import HemsError
from hems.settings.watchdog import ServiceSettings
from hems.workers.watchdog.restart_log_file import RestartLog
from hems.workers.watchdog.running_containers import RunningContainers
from hems.workers.watchdog.service_restart_policy import ServiceRestartPolicy


@dataclass
class ServiceRepair:
    """Check one service. `probe` raises HemsError when it does not answer.

    `is_missing`: it does not answer because no container of it runs, and no update explains that.
    """

    name: str
    settings: ServiceSettings
    update_wait_s: float
    probe: Callable[[], None]
    containers: RunningContainers
    restart_log: RestartLog
    health: ServiceRestartPolicy = field(init=False)
    is_missing: bool = field(default=False, init=False)
    _is_refusal_logged: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.health = ServiceRestartPolicy(self.settings, self.update_wait_s)

    def step(self, now: float) -> None:
        """Check at monotonic `now` (s). Raises HemsError when the Supervisor does not answer."""
        try:
            self.probe()
        except HemsError as error:
            self._handle_failure(str(error), now)
        else:
            self.is_missing = False
            self._handle_answer(now)

    def restart_for_a_person(self, now: float) -> None:
        """Restart it because a person wants it, within the budget of all its restarts.

        Raises HemsError when the Supervisor does not answer.
        """
        if refusal := self.health.refusal(now):
            self._refuse(refusal)
            return
        status, application = self.containers.fresh(now), self.containers.application()
        container = service_restart.restartable(self.name, status, application)
        if container is None:
            self._refuse("it does not run, or its new image is being downloaded")
            return
        self._is_refusal_logged = False
        self._restart(container, "a person asked for it", now)

    def _refuse(self, reason: str) -> None:
        """Say why a person's restart is refused; on the card only once, until one is not."""
        action = f"no restart of {self.name}"
        if self._is_refusal_logged:
            self.restart_log.show(action, reason)
        else:
            self._is_refusal_logged = True
            self.restart_log.add(action, reason)

    def _handle_answer(self, now: float) -> None:
        """Record the answer, and which container gave it.

        One that is being stopped may still answer: it says nothing about the next one.
        """
        try:
            status = self.containers.recent(now)
        except HemsError:  # the service answers, so all is well
            status = None
        container = status.running(self.name) if status else None
        if status and not container and len(status.of(self.name)) == 1:
            self.health.note_absence()
            return
        if self.health.is_given_up:
            logger.info("{}: answers again", self.name)
        self.health.note_answer(now, container.container_id if container else None)

    def _handle_failure(self, problem: str, now: float) -> None:
        status, application = self.containers.fresh(now), self.containers.application()
        container = service_restart.restartable(self.name, status, application)
        is_updating = service_restart.is_update_under_way(status, application)
        self.is_missing = status.running(self.name) is None and not is_updating
        if container is None:
            self.health.note_absence()
            return
        began_at = self.containers.began_at(self.name)
        if self.health.note_failure(container, began_at, now, is_updating=is_updating):
            self._restart(container, problem, now)
        elif self.health.is_given_up and not self.health.is_logged:
            self.health.is_logged = True
            reason = f"{self.health.restarts} restarts did not help: {problem}"
            self.restart_log.add(f"give up {self.name}", reason)

    def _restart(self, container: str, problem: str, now: float) -> None:
        try:
            service_restart.replace_container(self.containers.supervisor, self.name, container)
        except REFUSALS:
            self.health.note_restart(now, is_counted=False)
            raise
        except HemsError as error:  # it may have happened all the same, or in part
            self._log_restart(f"{problem}; not confirmed: {error}", now)
            raise
        self._log_restart(problem, now)

    def _log_restart(self, reason: str, now: float) -> None:
        # The restarts of a service that is not probed would never be forgotten.
        self.health.note_restart(now, is_counted=bool(self.settings.probe))
        self.restart_log.add(f"restart {self.name}", reason)
