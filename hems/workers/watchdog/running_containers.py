"""Remember which container of each service runs, and since when: without extra requests.

All checks of a round share one answer of the Supervisor. So a container that was recreated between
two rounds is noticed in the next one, also while its service answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from loguru import logger

from hems.clients.balena.supervisor_api import BalenaSupervisor
from hems.clients.balena.supervisor_responses import ApplicationState, Container, DeviceStatus
from hems.errors import HemsError
from hems.worker_runtime import Clock


@dataclass
class RunningContainers:
    """The containers that `supervisor` shows. Times are monotonic seconds.

    `recent` asks at most once in `max_age_s`, also when the answer is an error.
    `is_release_rejected` is what the last answer about the application said.
    """

    supervisor: BalenaSupervisor
    clock: Clock
    max_age_s: float
    is_release_rejected: bool = field(default=False, init=False)
    _answer: DeviceStatus | HemsError | None = field(default=None, init=False)
    _asked_at: float = field(default=0.0, init=False)
    _seen_at: float = field(default=0.0, init=False)  # the last look that succeeded; else the boot
    _began: dict[str, tuple[str, float]] = field(default_factory=dict, init=False)

    def recent(self, now: float) -> DeviceStatus:
        """Return a status that is at most `max_age_s` old at `now`. Raises HemsError."""
        if self._answer is None or now - self._asked_at >= self.max_age_s:
            return self.fresh(now)
        if isinstance(self._answer, HemsError):
            raise self._answer
        return self._answer

    def fresh(self, now: float) -> DeviceStatus:
        """Ask for the status at `now` and return it. Raises HemsError."""
        self._asked_at = now
        try:
            status = self.supervisor.status()
        except HemsError as error:
            self._answer = error
            raise
        self._answer = status
        self._note(status, now)
        return status

    def application(self) -> ApplicationState:
        """Ask what balena wants to run, and return it. Raises HemsError."""
        application = self.supervisor.application()
        if application.is_rejected and not self.is_release_rejected:
            logger.warning("the device rejects the new release: the containers stay as they are")
        self.is_release_rejected = application.is_rejected
        return application

    def began_at(self, name: str) -> float:
        """Return when the container of `name` that runs began at the latest; 0 if none runs."""
        return self._began.get(name, ("", 0.0))[1]

    def _note(self, status: DeviceStatus, now: float) -> None:
        names = {container.service_name for container in status.containers}
        running = {name: container for name in names if (container := status.running(name))}
        self._began = {
            name: self._beginning(name, container, now) for name, container in running.items()
        }
        self._seen_at = now

    def _beginning(self, name: str, container: Container, now: float) -> tuple[str, float]:
        """Return the id of `container` and when it began: what was seen limits what it says.

        It began after the last look that did not show it, and after the boot. The time at which it
        was created is that of a clock which may have jumped since.
        """
        earlier = self._began.get(name)
        if earlier is not None and earlier[0] == container.container_id:
            return earlier
        age_s = container.age_s(self.clock.time())
        began_at = now if age_s is None else min(now, max(self._seen_at, now - age_s))
        return container.container_id, began_at
