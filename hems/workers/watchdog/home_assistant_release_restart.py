"""Restart Home Assistant once after an update, unless the update itself has recreated it.

A new release must stay for a while, because an update that is undone needs no restart. balena
reports the release before the update is done.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from loguru import logger

from hems.backoff_and_rate_limits import Backoff
from hems.clients.balena import service_restart
from hems.clients.balena.supervisor_api import REFUSALS
from hems.clients.balena.supervisor_responses import Container
from hems.workers.watchdog.home_assistant_release_record import ReleaseRecord
from hems.workers.watchdog.restart_log_file import RestartLog
from hems.workers.watchdog.running_containers import RunningContainers

SERVICE = "homeassistant"
LONGEST_WAIT_S = 3600.0


class ReleaseWaits(NamedTuple):
    """How long (s) a new release has to stay, and a restart waits for its update to be done."""

    settle_s: float
    update_s: float


class HomeAssistantReleaseCheck:
    """Restart Home Assistant when its release has differed from the one in `path` for `settle_s`.

    After each restart that fails, the wait doubles, up to an hour. The Supervisor may have
    restarted it although its answer was lost: another container than before proves it.
    """

    name = "release"

    def __init__(
        self,
        containers: RunningContainers,
        path: Path,
        waits: ReleaseWaits,
        restart_log: RestartLog,
    ) -> None:
        self._containers = containers
        self._waits = waits
        self._restart_log = restart_log
        self._record = ReleaseRecord(path)
        self._candidate: int | None = None  # a new release
        self._candidate_since = 0.0  # monotonic seconds
        self._restart_at = 0.0  # monotonic seconds, for the candidate
        self._backoff = Backoff(2 * waits.settle_s, LONGEST_WAIT_S)
        self._container = ""  # the id of the container to restart, while the answer may be lost

    def step(self, now: float) -> None:
        """Check at monotonic `now` (s). Raises HemsError for whatever could not be done."""
        self._record.load()
        release, is_updating = self._running_release(now)
        if release is not None:
            self._compare(release, now, is_updating=is_updating)
        self._record.save()

    def _compare(self, release: int, now: float, *, is_updating: bool) -> None:
        container = self._container_id(now)
        recorded = self._record.release
        if recorded is None:
            logger.info("Home Assistant runs release {}, the first one recorded", release)
            self._record.change(release, container)
        elif release == recorded:
            self._candidate = None
            if container not in {"", self._record.container}:
                self._record.change(release, container)
        elif release != self._candidate:
            logger.info("Home Assistant's release changed from {} to {}", recorded, release)
            self._candidate, self._candidate_since = release, now
            self._restart_at, self._container = now + self._waits.settle_s, ""
            self._backoff.reset()
        elif self._container and container not in {"", self._container}:
            self._finish(release, container, "; the answer was lost")
        elif now >= self._restart_at and not (is_updating and self._may_wait(now)):
            self._replace(release, now)

    def _may_wait(self, now: float) -> bool:
        return now - self._candidate_since < self._waits.settle_s + self._waits.update_s

    def _replace(self, release: int, now: float) -> None:
        """Restart Home Assistant, unless its container is another one than with the old release."""
        container = self._containers.fresh(now).running(SERVICE)
        if container is None:
            return
        if not self._container and self._is_recreated(container):
            logger.info("the update to release {} has recreated Home Assistant", release)
            self._record.change(release, container.container_id)
            return
        self._restart_at = now + self._backoff.fail()
        self._container = container.container_id
        try:
            service_restart.replace_container(self._containers.supervisor, SERVICE, self._container)
        except REFUSALS:
            self._container = ""  # if a new one appears now, somebody else has restarted it
            raise
        self._finish(release, "")

    def _is_recreated(self, container: Container) -> bool:
        """Return whether the container is another one than with the recorded release.

        An older version did not record it: then its age decides.
        """
        if self._record.container:
            return container.container_id != self._record.container
        unix_time = self._containers.clock.time()
        age_s = container.age_s(unix_time)
        return age_s is not None and unix_time - age_s > self._record.written_at()

    def _container_id(self, now: float) -> str:
        """Return the id of Home Assistant's running container, empty unless there is just one."""
        container = self._containers.recent(now).running(SERVICE)
        return container.container_id if container else ""

    def _finish(self, release: int, container: str, remark: str = "") -> None:
        reason = f"release changed from {self._record.release} to {release}{remark}"
        self._record.change(release, container)
        try:
            self._record.save()
        finally:
            self._restart_log.add(f"restart {SERVICE}", reason)

    def _running_release(self, now: float) -> tuple[int | None, bool]:
        """Return the release that Home Assistant is to run, and whether an update is under way.

        The release is None while Home Assistant is absent, or its new image is being downloaded.
        """
        application = self._containers.application()
        is_updating = service_restart.is_update_under_way(self._containers.recent(now), application)
        for service in application.services:
            if service.name == SERVICE and service.is_settled:
                return service.release_id, is_updating
        return None, is_updating
