"""Why a peer or one of its frames was refused: counted always, logged sparingly."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from loguru import logger

from hems.errors import HemsError

QUIET_S = 60.0  # one line a reason a minute, however hard somebody knocks


class Reason(StrEnum):
    PROXY_HEADER = "proxy header"
    HEADER = "malformed header"
    UNKNOWN_DEVICE = "unknown device"
    OTHER_DEVICE = "two devices on one connection"
    FRAME = "wrong CRC or key"
    RESPONSE = "response instead of a request"
    PAYLOAD = "malformed reading"
    UNKNOWN_TYPE = "unknown payload type"
    RATE = "too many frames"
    CONNECTIONS = "too many connections"
    SLOW = "too slow"
    CUT_OFF = "hung up within a frame"
    REPEATED = "repeated frame"
    TIME = "time runs backwards"
    INDEX = "index runs backwards"
    VALUE = "malformed value"


class Refused(HemsError):
    """What a peer sent is refused for `reason`; the message has the details."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


@dataclass
class Refusals:
    """Counts by reason, and at most one log line a reason in QUIET_S seconds."""

    counts: Counter[Reason] = field(default_factory=Counter)
    _quiet_until: dict[Reason, float] = field(default_factory=dict)
    _unlogged: Counter[Reason] = field(default_factory=Counter)

    def note(self, peer: str, refused: Refused, now: float) -> None:
        """Count one refusal of `peer` at monotonic `now` (s), and log it if it is time to."""
        reason = refused.reason
        self.counts[reason] += 1
        if now < self._quiet_until.get(reason, now):
            self._unlogged[reason] += 1
            return
        more = self._unlogged.pop(reason, 0)
        logger.warning("{}: {}{}", peer, refused, f" (and {more} more like it)" if more else "")
        self._quiet_until[reason] = now + QUIET_S
