"""Bound how often one login changes what it announces.

Home Assistant writes all its entities and devices onto the card some seconds after each change of
one, and keeps those that are gone. An announcement that is repeated as it was changes nothing.
"""

from __future__ import annotations

from token_bucket import TokenBucket

ROUND_S = 30.0  # Home Assistant writes once for the changes of so long
ROUNDS, ROUNDS_A_SECOND = 100, 1 / 3600
NEW_IDS, NEW_IDS_A_SECOND = 5_000, 10 / 3600


class AnnouncementChanges:
    """Those of one login. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._rounds = TokenBucket(ROUNDS, ROUNDS_A_SECOND)
        self._new_ids = TokenBucket(NEW_IDS, NEW_IDS_A_SECOND)
        self._began_at = -ROUND_S

    def take(self, new_ids: int, now: float) -> bool:
        """Return whether a change with so many ids that it has not announced may be made."""
        is_new_round = now - self._began_at >= ROUND_S
        if self._new_ids.left(now) < new_ids or (is_new_round and self._rounds.left(now) < 1):
            return False
        self._new_ids.take(new_ids)
        if is_new_round:
            self._rounds.take(1)
            self._began_at = now
        return True
