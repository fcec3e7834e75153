"""Log an outage in two lines: one when it begins, one when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class OutageLog:
    """The outage of what `name` names: log its beginning, every new reason, and its end.

    `warn` and `inform` write a line to the log.
    """

    def __init__(
        self, name: str, warn: Callable[[str], None], inform: Callable[[str], None]
    ) -> None:
        self._name = name
        self._warn = warn
        self._inform = inform
        self._since = 0.0
        self._reason = ""

    @property
    def reason(self) -> str:
        """Return why it does not work; empty while it works."""
        return self._reason

    @contextmanager
    def watching(self, now: float) -> Iterator[None]:
        """Record at monotonic `now` (s) that it works, or that it does not after an OSError."""
        try:
            yield
        except OSError as error:
            self.begin(str(error), now)
        else:
            self.end(now)

    def begin(self, reason: str, now: float) -> None:
        """Record that it does not work at monotonic `now` (s); log only a new reason."""
        if not self._reason:
            self._since = now
        if reason != self._reason:
            self._warn(f"{self._name}: {reason}; trying again")
        self._reason = reason

    def end(self, now: float) -> None:
        """Record that it works at monotonic `now` (s); log the end of an outage."""
        if self._reason:
            self._inform(f"{self._name}: works again after {now - self._since:.0f} s")
        self._reason = ""
