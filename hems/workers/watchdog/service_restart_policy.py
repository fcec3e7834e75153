"""Decide when to restart a service that does not answer, and when to give it up.

A new container (after a boot, an update or a restart) has `cooldown_s` to answer for the first
time. Then `patience` failed probes in a row lead to a restart, and the next restart comes no
earlier than `cooldown_s` later. After `give_up_after` restarts the watchdog leaves the service
alone until it answers. The restarts are forgotten once it has answered for `cooldown_s`, so a
service that answers only for a moment gets no more of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from hems.settings.watchdog import ServiceSettings


@dataclass
class ServiceRestartPolicy:
    """The probes and restarts of one service. Times are monotonic seconds.

    A restart waits at most `update_wait_s` for an update of other services: a container that
    never starts, or a lock that nobody releases, must not end the health check of all others.
    """

    settings: ServiceSettings
    update_wait_s: float
    failures: int = 0
    restarts: int = 0
    is_given_up: bool = False
    is_logged: bool = False  # that it was given up; until its restarts are forgotten
    container: str | None = None  # the last one that was probed
    _was_absent: bool = False  # in the last probe
    _starts_until: float = 0.0  # the container may still be starting
    _quiet_until: float = 0.0  # the pause after a restart
    _due_since: float = 0.0  # only while its failures have used up the patience
    _answering_since: float | None = None

    def resume(self, restarts: int, *, is_given_up: bool) -> None:
        """Continue from the report that the watchdog wrote before it was restarted."""
        self.restarts = restarts
        self.is_given_up = self.is_logged = is_given_up

    def refusal(self, now: float) -> str:
        """Return why a person may not restart it at monotonic `now` (s), empty if a person may."""
        if now < self._quiet_until:
            left_s = self._quiet_until - now
            return f"its last restart is too recent; possible again in {left_s:.0f} s"
        if self.restarts >= self.settings.give_up_after:
            return f"{self.restarts} restarts have not helped"
        return ""

    def note_answer(self, now: float, container: str | None) -> None:
        """Record an answer of `container` at monotonic `now` (s); None if that is not known."""
        self.failures, self.is_given_up, self._starts_until = 0, False, 0.0
        self._was_absent = False
        self.container = container or self.container
        if self._answering_since is None:
            self._answering_since = now
        if now - self._answering_since >= self.settings.cooldown_s:
            self.restarts, self.is_logged = 0, False

    def note_failure(
        self, container: str, began_at: float, now: float, *, is_updating: bool = False
    ) -> bool:
        """Record a failed probe at `now`; return whether to restart the service now.

        `container` runs, and began at `began_at`. `is_updating`: an update of the device is under
        way, but not of this service's image.
        """
        self._answering_since = None
        if container != self.container:
            self.container = container
            began_at = now if self._was_absent else began_at
            self.failures, self._starts_until = 0, began_at + self.settings.cooldown_s
            self._was_absent = False
        if now < max(self._starts_until, self._quiet_until):
            return False
        self.failures += 1
        if self.failures < self.settings.patience:
            return False
        if self.failures == self.settings.patience:
            self._due_since = now
        if is_updating and now - self._due_since < self.update_wait_s:
            return False
        self.is_given_up = self.restarts >= self.settings.give_up_after
        return not self.is_given_up

    def note_absence(self) -> None:
        """Record that the service does not run, or that its new image is being downloaded.

        The next container is a new one.
        """
        self.failures, self.container, self._answering_since = 0, None, None
        self._was_absent = True
        self.is_given_up = False

    def note_restart(self, now: float, *, is_counted: bool) -> None:
        """Record a requested restart; one that was refused does not count."""
        self.failures, self._quiet_until = 0, now + self.settings.cooldown_s
        self.restarts += is_counted
