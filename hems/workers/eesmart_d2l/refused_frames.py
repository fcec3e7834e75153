"""Count the frames and connections that the worker refuses, and log a few of them."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from loguru import logger

from hems.errors import HemsError
from hems.protocols.gateway.refusals_of_an_hour import RefusalsOfAnHour
from hems.supervision.rate_limited_log import RateLimitedLog

DOOR = "port 7845"  # nginx's, which leads to the worker
INTERVAL_S = 60.0  # in which each reason and dongle gets one line, whatever a peer sends


class RefusalReason(StrEnum):
    """Why something was refused, as logs and metrics name it."""

    PROXY_HEADER = "proxy header"
    HEADER = "malformed header"
    UNKNOWN_DEVICE = "unknown device"
    OTHER_DEVICE = "two devices on one connection"
    FRAME = "wrong CRC or key"
    TRIES = "too many wrong frames"
    RESPONSE = "response instead of a request"
    PAYLOAD = "malformed reading"
    UNKNOWN_TYPE = "unknown payload type"
    RATE = "too many frames"
    CONNECTIONS = "too many connections"
    SLOW = "too slow"
    CUT_OFF = "hung up within a frame"
    REPEATED = "repeated frame"
    TIME = "implausible time"
    INDEX = "implausible index"
    VALUE = "malformed value"


# What only a stranger sends, or a dongle with a wrong key.
STRANGE = frozenset(
    {
        RefusalReason.PROXY_HEADER,
        RefusalReason.HEADER,
        RefusalReason.UNKNOWN_DEVICE,
        RefusalReason.OTHER_DEVICE,
        RefusalReason.FRAME,
        RefusalReason.TRIES,
        RefusalReason.RESPONSE,
    }
)


class FrameRefused(HemsError):
    """The worker refuses what a peer sent, for `reason`; the message has the details.

    `dongle` is the listed one that sent it, empty if it is not known.
    """

    def __init__(self, reason: RefusalReason, detail: str, dongle: str = "") -> None:
        self.reason = reason
        self.detail = detail
        self.kind = f"{reason}: device {dongle}" if dongle else str(reason)
        super().__init__(f"{self.kind}: {detail}")


class RefusedFrames:
    """Counts refusals by reason; logs one line for each reason and listed dongle in INTERVAL_S."""

    def __init__(self) -> None:
        self.counts: Counter[RefusalReason] = Counter()
        self.of_strangers = RefusalsOfAnHour(DOOR)
        self._log = RateLimitedLog(_warn, burst=1, interval_s=INTERVAL_S)

    def add(self, peer: str, refused: FrameRefused, now: float) -> None:
        """Count and log one refusal of `peer` at monotonic `now` (s)."""
        self.counts[refused.reason] += 1
        if refused.reason in STRANGE:
            self.of_strangers.add(peer, now)
        self._log.add(refused.kind, f"{peer}: {refused}", now)

    def flush(self, now: float) -> None:
        """Log how many lines were dropped in the intervals that ended by monotonic `now` (s)."""
        self._log.flush(now)


def _warn(line: str) -> None:
    logger.warning("{}", line)
