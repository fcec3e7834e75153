"""Decide when the watchdog may reboot the machine because the internet is away.

The wall clock of a gateway jumps, and the monotonic clock starts again at each boot. So the
record on disk is a count, and the measured time is how long this boot has been without internet:
after n reboots that did not help, the outage must last 30 min, 1 h, 2 h … 24 h before the next.
However often the machine restarts in between, each boot waits the full time.

The attempt is on disk before the Supervisor gets the request. A request that is refused, or
accepted without a reboot, is still the same attempt: the watchdog repeats it, and counts it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from hems.backoff_and_rate_limits import Backoff
from hems.system.record_file import RecordFile


class RebootRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of reboots.json: attempts since the internet last stayed, and the newest one.

    `requested_at` is in monotonic seconds of the boot `boot_id`.
    """

    attempts: Annotated[int, msgspec.Meta(ge=0)] = 0
    boot_id: str = ""
    requested_at: Annotated[float, msgspec.Meta(ge=0)] = msgspec.field(default=0.0, name="asked_at")


# A record that cannot be read may have counted many attempts: wait as long as possible.
UNREADABLE = RebootRecord(attempts=64)


def record_file(path: Path) -> RecordFile[RebootRecord]:
    """Return the record at `path`; no attempts if there is none."""
    return RecordFile(path, RebootRecord(), unreadable=UNREADABLE)


@dataclass(frozen=True)
class RebootBackoff:
    """The rules, in seconds. Linux counts uptime in the monotonic clock: clock_gettime(2)."""

    first_s: float
    longest_s: float
    min_uptime_s: float
    retry_s: float
    boot_id: str

    def wait_s(self, reboots: int) -> float:
        """Return how long (s) an outage must last after so many reboots that did not help."""
        return Backoff(self.first_s, self.longest_s).delay_s(reboots + 1)

    def due_at(self, record: RebootRecord, offline_since: float) -> float:
        """Return the monotonic time (s) from which a reboot may be requested."""
        due = max(offline_since + self.wait_s(self._reboots(record)), self.min_uptime_s)
        return max(due, record.requested_at + self.retry_s) if self.is_pending(record) else due

    def requested(self, record: RebootRecord, now: float) -> RebootRecord:
        """Return the record of a reboot requested at monotonic `now` (s)."""
        return RebootRecord(self._reboots(record) + 1, self.boot_id, now)

    def is_exhausted(self, record: RebootRecord) -> bool:
        """Return whether reboots have not helped although the wait grew to its maximum."""
        reboots = self._reboots(record)
        return reboots > 0 and self.wait_s(reboots) >= self.longest_s

    def is_pending(self, record: RebootRecord) -> bool:
        """Return whether the newest attempt was made in this boot, so no reboot has followed."""
        return record.attempts > 0 and record.boot_id == self.boot_id

    def _reboots(self, record: RebootRecord) -> int:
        return record.attempts - self.is_pending(record)
