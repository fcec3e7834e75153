"""A service is restarted when what it reads at its start has changed, and only then.

What was asked for in vain is asked for again ever more rarely; an answer that was lost shows in
the container, which is another one after a restart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from loguru import logger

from hems.clients.balena_answers import Application, Status
from hems.clients.balena_updates import restartable
from hems.errors import HemsError, Unavailable
from hems.runtime import Guarded
from hems.workers.provision.notebook import Notebook

MAX_WAIT_S = 600.0
NO_BALENA = "has to be restarted by hand: there is no balena Supervisor to ask"


class Supervisor(Protocol):
    """What is needed of balena's Supervisor; clients/balena.py says what is raised."""

    def status(self) -> Status: ...
    def application(self) -> Application: ...
    def restart_service(self, name: str) -> None: ...


@dataclass
class Restart:
    """Restarts `service` when `wanted`, the digest of what it reads, is not what it has read.

    `wanted` raises Unavailable while that is not there yet. `has_it` tells that the service
    has it from elsewhere, so that a change needs no restart of ours. It waits until the steps
    `after` are done, for MAX_WAIT_S at most. `last` is what was done last, empty before that.
    """

    service: str
    wanted: Callable[[], str]
    supervisor: Supervisor | None
    notebook: Notebook
    first_wait_s: float
    has_it: Callable[[], bool] = lambda: False
    after: Sequence[Guarded] = ()
    last: str = field(default="", init=False)
    _wait_s: float = field(default=0.0, init=False)
    _next_at: float = field(default=0.0, init=False)  # monotonic seconds
    _due_at: float | None = field(default=None, init=False)  # monotonic seconds
    _refusal: str = field(default="", init=False)
    _container: str = field(default="", init=False)  # the id of the one to be restarted

    def __post_init__(self) -> None:
        self._wait_s = self.first_wait_s

    @property
    def name(self) -> str:
        return f"restart of {self.service}"

    def step(self, now: float) -> None:
        """Restart it if that is due at monotonic `now` (s). Raises HemsError if it is not done."""
        wanted = self.wanted()
        if self.notebook.record.restarted.get(self.service) == wanted:
            return
        if self.has_it():
            self.notebook.note_restart(self.service, wanted, now)
        elif self.supervisor is None:
            raise Unavailable(NO_BALENA)
        elif now < self._next_at:
            raise Unavailable(self._refusal)
        elif earlier := self._waits_for(now):
            raise Unavailable(f"waits for {earlier}")
        else:
            self._restart(self.supervisor, wanted, now)

    def _waits_for(self, now: float) -> str:
        """Return the steps to be done before, if there are such and it waits no longer than due."""
        self._due_at = now if self._due_at is None else self._due_at
        is_patient = now - self._due_at < MAX_WAIT_S
        return ", ".join(one.name for one in self.after if is_patient and not one.is_done)

    def _restart(self, supervisor: Supervisor, wanted: str, now: float) -> None:
        running = self._running(supervisor)
        if not self._container or running == self._container:
            self._container = running
            self._ask(supervisor, now)
        self._container, self._wait_s, self._due_at = "", self.first_wait_s, None
        self.last = f"{self.service} was restarted: what it reads has changed"
        logger.warning("{}", self.last)
        self.notebook.note_restart(self.service, wanted, now)

    def _ask(self, supervisor: Supervisor, now: float) -> None:
        try:
            supervisor.restart_service(self.service)
        except HemsError as error:
            self._refusal, self._next_at = str(error), now + self._wait_s
            self._wait_s = min(2 * self._wait_s, MAX_WAIT_S)
            raise

    def _running(self, supervisor: Supervisor) -> str:
        """Return the id of its one running container; Unavailable while there is no such."""
        found = restartable(self.service, supervisor.status(), supervisor.application())
        if found is None:
            raise Unavailable(f"{self.service} does not run now, or is being updated")
        return found


def digest(parts: Sequence[bytes]) -> str:
    """Return what tells these contents, in this order, from all others."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.hexdigest()
