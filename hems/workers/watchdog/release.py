"""Home Assistant after an update: restarted once when the release has changed.

version.txt holds the id of the release that Home Assistant was last restarted for. Another
id has to stay for a while, because an update that is undone needs no restart.
"""

from __future__ import annotations

from pathlib import Path

from loguru import logger

from hems.clients.balena import REFUSALS
from hems.errors import Unavailable
from hems.system import files
from hems.workers.watchdog.checks import Journal, Supervisor

SERVICE = "homeassistant"
MAX_WAIT_S = 3600.0
MAX_DIGITS = 18


class ReleaseRestart:
    """Restarts Home Assistant once its release differs from `path` for `settle_s`.

    After a restart that failed the wait doubles, up to an hour. The Supervisor may have
    restarted it and the answer been lost: another container than before tells.
    """

    name = "release"

    def __init__(
        self, supervisor: Supervisor, path: Path, settle_s: float, journal: Journal
    ) -> None:
        self._supervisor = supervisor
        self._path = path
        self._settle_s = settle_s
        self._journal = journal
        self._known: int | None = None  # what version.txt says, or should
        self._is_saved = False
        self._candidate: int | None = None
        self._wait_s = settle_s
        self._container = ""  # the id of the one that was to be restarted
        self._since = 0.0  # monotonic seconds, of the candidate or the last failure

    def step(self, now: float) -> None:
        """Look at monotonic `now` (s). Raises HemsError for whatever could not be done."""
        if self._known is None:
            self._known = self._read()
        release = self._release()
        if release is not None:
            self._compare(release, now)
        if self._known is not None and not self._is_saved:
            self._save(self._known)

    def _compare(self, release: int, now: float) -> None:
        if self._known is None:
            logger.info("release {} is the first one known", release)
            self._known = release
        elif release == self._known:
            self._candidate = None
        elif release != self._candidate:
            logger.info("release {} has come after {}", release, self._known)
            self._candidate, self._since, self._wait_s = release, now, self._settle_s
            self._container = ""
        elif self._was_recreated():
            self._done(release, "; the answer was lost")
        elif now - self._since >= self._wait_s:
            self._restart(release, now)

    def _restart(self, release: int, now: float) -> None:
        self._since, self._wait_s = now, min(2 * self._wait_s, MAX_WAIT_S)
        self._container = self._container_id()
        try:
            self._supervisor.restart_service(SERVICE)
        except REFUSALS:
            self._container = ""  # who recreates it now is somebody else
            raise
        self._done(release)

    def _was_recreated(self) -> bool:
        return bool(self._container) and self._container_id() not in {"", self._container}

    def _container_id(self) -> str:
        """Return the id of Home Assistant's running container, empty unless it is just one."""
        containers = self._supervisor.status().containers
        own = [one for one in containers if one.service_name == SERVICE and one.is_running]
        return own[0].container_id if len(own) == 1 else ""

    def _done(self, release: int, remark: str = "") -> None:
        reason = f"release {release} has come after {self._known}{remark}"
        # Known from here on, even if it cannot be written: one release, one restart.
        self._known, self._is_saved, self._candidate = release, False, None
        self._container = ""
        try:
            self._save(release)
        finally:
            self._journal.add(f"restart {SERVICE}", reason)

    def _release(self) -> int | None:
        """Return the release that Home Assistant runs; None while it is absent or updated."""
        for service in self._supervisor.application().services:
            if service.name == SERVICE and service.is_settled:
                return service.release_id
        return None

    def _read(self) -> int | None:
        try:
            text = self._path.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be read: {error.strerror}") from None
        if not (text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS):
            logger.warning("{}: {!r} is no release; taking the next one", self._path, text[:40])
            return None
        self._is_saved = True
        return int(text)

    def _save(self, release: int) -> None:
        files.replace(self._path, f"{release}\n".encode())
        self._is_saved = True
