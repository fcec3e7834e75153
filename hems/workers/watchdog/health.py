"""How a service is: when it is restarted, and when it is given up.

A container gets `cooldown_s` to begin to answer when it is new: after a boot, an update, or a
restart of ours. Then `patience` probes in a row without an answer make a restart; after
`give_up_after` of them it is left alone until it answers. It has its restarts back once it
has answered for `cooldown_s`, so one that answers only for a moment gets no more of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from hems.settings.watchdog import Service


@dataclass
class Health:
    """What is known of one service. Times are monotonic seconds.

    A restart waits `update_wait_s` for an update of others and no longer: a container that never
    comes up, or a lock that is never released, must not take the health check away from all.
    """

    settings: Service
    update_wait_s: float
    failures: int = 0
    restarts: int = 0
    is_given_up: bool = False
    is_noted: bool = False  # that it was given up, for as long as it has no restarts back
    container: str | None = None  # it answered or failed in last; empty: none of the fleet's
    _quiet_until: float = 0.0
    _due_since: float = 0.0  # only while its failures have used up the patience
    _answering_since: float | None = None

    def resume(self, restarts: int, *, is_given_up: bool) -> None:
        """Go on from what was told before the watchdog was restarted."""
        self.restarts = restarts
        self.is_given_up = self.is_noted = is_given_up

    def answered(self, now: float) -> None:
        """Note that it answered."""
        self.failures, self.is_given_up = 0, False
        if self._answering_since is None:
            self._answering_since = now
        if now - self._answering_since >= self.settings.cooldown_s:
            self.restarts, self.is_noted = 0, False

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
        if is_updating and now - self._due_since < self.update_wait_s:
            return False
        self.is_given_up = self.restarts >= self.settings.give_up_after
        return not self.is_given_up

    def left_alone(self) -> None:
        """Note that it does not run, or its image is on its way: what comes then is new."""
        self.failures, self.container, self._answering_since = 0, None, None
        self.is_given_up = False

    def asked(self, now: float, *, is_counted: bool) -> None:
        """Note that a restart was asked for; one that was refused does not count."""
        self.failures, self._quiet_until = 0, now + self.settings.cooldown_s
        self.restarts += is_counted
