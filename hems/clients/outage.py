"""A peer's absence in two log lines: one when it begins, one when it ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from loguru import logger


@dataclass
class Outage:
    """Log the begin, every change of reason, and the end of one peer's absence."""

    peer: str
    _since: float = field(default=0.0, init=False)
    _reason: str = field(default="", init=False)

    @property
    def reason(self) -> str:
        """Return why the peer is away, empty while it is there."""
        return self._reason

    def begin(self, reason: str, now: float) -> None:
        """Note that the peer is away at monotonic `now` (s); one line unless it is known."""
        if not self._reason:
            self._since = now
        if reason != self._reason:
            logger.warning("{} is away: {}; trying again", self.peer, reason)
        self._reason = reason

    def end(self, now: float) -> None:
        """Note that the peer answered at monotonic `now` (s)."""
        if self._reason:
            logger.info("{} is back after {:.0f} s", self.peer, now - self._since)
        self._reason = ""
