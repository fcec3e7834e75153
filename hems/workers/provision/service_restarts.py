"""Restart a service through balena's Supervisor when the files that it reads at start changed.

After a failure the worker asks again, with growing delays. If the Supervisor's answer was lost,
the container's id shows whether it restarted the service: a restart makes another container.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from loguru import logger

from hems.backoff_and_rate_limits import Backoff
from hems.clients.balena.service_restart import replace_container, restartable
from hems.clients.balena.supervisor_api import BalenaSupervisor
from hems.errors import HemsError, Unavailable
from hems.worker_runtime import GuardedStep
from hems.workers.provision.provision_metrics import RESTART
from hems.workers.provision.provision_record import ProvisionRecordFile

MAX_WAIT_S = 600.0
NO_SUPERVISOR = "restart it by hand: there is no balena Supervisor"


@dataclass
class ServiceRestart:
    """Restarts `service` when `wanted`, the digest of what it reads, differs from the record.

    `wanted` raises Unavailable while the files are incomplete. If `needs_none` returns true, the
    service gets its values in another way, and a change needs no restart. The restart waits for
    the steps `after`, for MAX_WAIT_S at most. `last` describes the last restart, empty before it.
    `purpose` tells a second step for the same service from the first, and `cause` says why it is
    restarted.
    """

    service: str
    wanted: Callable[[], str]
    supervisor: BalenaSupervisor | None
    record: ProvisionRecordFile
    first_wait_s: float
    needs_none: Callable[[], bool] = lambda: False
    after: Sequence[GuardedStep] = ()
    purpose: str = ""
    cause: str = "the files that it reads changed"
    last: str = field(default="", init=False)
    _next_at: float = field(default=0.0, init=False)  # monotonic seconds
    _due_since: float | None = field(default=None, init=False)  # monotonic seconds
    _refusal: str = field(default="", init=False)
    _container_id: str = field(default="", init=False)  # of the container to be restarted

    def __post_init__(self) -> None:
        self._backoff = Backoff(self.first_wait_s, MAX_WAIT_S)

    @property
    def name(self) -> str:
        return f"{RESTART}{self.service}{self.purpose}"

    @property
    def _key(self) -> str:
        return f"{self.service}{self.purpose}"

    def step(self, now: float) -> None:
        """Restart it if that is due at monotonic `now` (s). Raises HemsError if it is not done."""
        wanted = self.wanted()
        if self.record.record.restarted.get(self._key) == wanted:
            return
        if self.needs_none():
            self._container_id, self._due_since = "", None
            self.record.add_restart(self._key, wanted)
        elif self.supervisor is None:
            raise Unavailable(NO_SUPERVISOR)
        elif now < self._next_at:
            raise Unavailable(self._refusal)
        elif steps := self._unfinished_steps(now):
            raise Unavailable(f"waits for {steps}")
        else:
            self._restart(self.supervisor, wanted, now)

    def _unfinished_steps(self, now: float) -> str:
        """Return the steps to wait for, empty if there are none or the wait was long enough."""
        self._due_since = now if self._due_since is None else self._due_since
        if now - self._due_since >= MAX_WAIT_S:
            return ""
        return ", ".join(step.name for step in self.after if not step.is_done)

    def _restart(self, supervisor: BalenaSupervisor, wanted: str, now: float) -> None:
        container_id = self._running(supervisor)
        if not self._container_id or container_id == self._container_id:
            self._container_id = container_id
            self._request(supervisor, container_id, now)
        self._container_id, self._due_since = "", None
        self._backoff.reset()
        self.last = f"{self.service} was restarted, because {self.cause}"
        logger.warning("{}", self.last)
        self.record.add_restart(self._key, wanted)

    def _request(self, supervisor: BalenaSupervisor, container_id: str, now: float) -> None:
        try:
            replace_container(supervisor, self.service, container_id)
        except HemsError as error:
            self._refusal, self._next_at = str(error), now + self._backoff.fail()
            raise

    def _running(self, supervisor: BalenaSupervisor) -> str:
        """Return the id of the service's one running container. Raises Unavailable without it."""
        container_id = restartable(self.service, supervisor.status(), supervisor.application())
        if container_id is None:
            raise Unavailable(f"{self.service} does not run, or is being updated")
        return container_id
