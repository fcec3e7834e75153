"""When the machine may be rebooted for want of internet: never sooner than the back-off says.

The wall clock of a gateway jumps, and the monotonic one begins again with each boot. So what
is on disk is a count, and what is measured is how long this boot has been without internet:
after n reboots in vain it must be wait(n), 30 min, 1 h, 2 h … 24 h, before the next. However
often the machine starts again by itself meanwhile, each boot waits its full time.

An attempt is on disk before the Supervisor is asked. One that is refused, or accepted and
never comes, is still the same attempt: asked for again, not counted again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from loguru import logger

from hems.system import files

MANY = 64  # attempts after which every back-off has reached its longest wait


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is on disk: attempts since the internet last stayed, and where the last was made.

    `asked_at` is in monotonic seconds of the boot `boot_id`.
    """

    attempts: Annotated[int, msgspec.Meta(ge=0)] = 0
    boot_id: str = ""
    asked_at: Annotated[float, msgspec.Meta(ge=0)] = 0.0


@dataclass(frozen=True)
class Backoff:
    """The rules, in seconds. Uptime is the monotonic clock's time on Linux: clock_gettime(2)."""

    first_s: float
    longest_s: float
    min_uptime_s: float
    retry_s: float
    boot_id: str

    def wait_s(self, reboots: int) -> float:
        """Return how long to be without internet after so many reboots in vain."""
        return min(self.longest_s, self.first_s * 2.0 ** min(reboots, MANY))

    def due_at(self, record: Record, offline_since: float) -> float:
        """Return the monotonic time (s) from which a reboot may be asked for."""
        due = max(offline_since + self.wait_s(self._reboots(record)), self.min_uptime_s)
        return max(due, record.asked_at + self.retry_s) if self.is_pending(record) else due

    def asked(self, record: Record, now: float) -> Record:
        """Return the record of a reboot asked for at monotonic `now` (s)."""
        return Record(self._reboots(record) + 1, self.boot_id, now)

    def is_exhausted(self, record: Record) -> bool:
        """Tell whether reboots have not helped until the wait was at its longest."""
        reboots = self._reboots(record)
        return reboots > 0 and self.wait_s(reboots) >= self.longest_s

    def is_pending(self, record: Record) -> bool:
        """Tell whether the last attempt was made in this boot, and so did not come true yet."""
        return record.attempts > 0 and record.boot_id == self.boot_id

    def _reboots(self, record: Record) -> int:
        return record.attempts - self.is_pending(record)


def load(path: Path) -> Record:
    """Return the record of `path`; none yet means no attempts.

    One that cannot be read or makes no sense may have been a long row of attempts, so it
    counts as many.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except FileNotFoundError:
        return Record()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        logger.warning("{}: {}; taking the longest wait before a reboot", path, error)
        return Record(attempts=MANY)


def save(path: Path, record: Record) -> None:
    """Put `record` on disk. Raises Unavailable when it is not there."""
    files.replace(path, msgspec.json.encode(record))
