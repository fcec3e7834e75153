"""Know whether a dashboard is still the gateway's, or a person has changed or removed it.

The dashboards follow the devices while Home Assistant returns exactly what provision saved. Home
Assistant writes a dashboard to its disk up to a minute later. Therefore the record says "made" only
after the dashboard has existed for longer, and a dashboard lost in a power cut is made again. For
the same reason the content from before a save counts as the gateway's too; it is recorded before
the save.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import msgspec

from hems.workers.provision.provision_record import digest

SAVED_S = 120.0  # after which a dashboard is on Home Assistant's disk


def content_digest(content: object) -> str:
    """Return a digest of the content that does not depend on the order of keys."""
    return digest([msgspec.json.encode(content, order="sorted")])


def is_ours(content: object | None, digests: Container[str], *, was_made: bool) -> bool:
    """Return whether no person has changed the content, or removed it if it is None."""
    return not was_made if content is None else content_digest(content) in digests


@dataclass
class Presence:
    """For how long a dashboard has existed without a break."""

    since: float | None = None  # monotonic seconds

    def is_on_disk(self, content: object | None, now: float) -> bool:
        """Return whether the content, None for none, exists long enough at monotonic `now` (s)."""
        if content is None:
            self.since = None
            return False
        self.since = now if self.since is None else self.since
        return now - self.since >= SAVED_S
