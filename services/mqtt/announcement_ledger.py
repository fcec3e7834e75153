"""Keep what is announced, by whom, and how much of everything one login may announce.

Home Assistant keeps each announcement and makes its entities, also one that is not retained. So
what counts is what a login has announced and not withdrawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from announcement_changes import AnnouncementChanges
from entity_contents import EntityContents

# Of one login, and of all together, which share them. As many announcements as may be retained
# (device_limits.py); NAMED are topics in announcements. With 10 000 new entities, whoever announces
# them, Home Assistant drops events and answers nobody any more.
IDS = 5_000, 8_000
NAMED = 8_000, 40_000
TOPICS = 3_000, 8_000
BYTES = 2 << 20, 12 << 20
TOO_OFTEN = "it changes too often, and each change is written to the card: repeat it as it was"


class Announcement(NamedTuple):
    """One that is in force; `copies` says how much is kept of each topic (entity_contents.py)."""

    login: str = ""
    payload_hash: int = 0
    size: int = 0  # bytes
    ids: frozenset[str] = frozenset()
    copies: Mapping[str, int] = {}


NONE = Announcement()


class AnnouncementLedger:
    """The announcements by topic, and the sums of each login."""

    def __init__(self) -> None:
        self.contents = EntityContents()
        self._by_topic: dict[str, Announcement] = {}
        self._claims: dict[str, str] = {}  # the topic under which an id is announced
        self._topics = Counter[str]()
        self._bytes = Counter[str]()
        self._ids = Counter[str]()
        self._named = Counter[str]()
        self._changes: dict[str, AnnouncementChanges] = {}

    def claim(self, one_id: str) -> str | None:
        """Return the topic under which an id is announced."""
        return self._claims.get(one_id)

    def is_known(self, topic: str, payload: bytes) -> bool:
        """Return whether just this is announced on `topic`."""
        return self._by_topic.get(topic, NONE).payload_hash == (hash(payload) if payload else 0)

    def fault(self, topic: str, new: Announcement, logins: int, now: float) -> str:
        """Return why `new` is too much of its login at monotonic `now` (s), empty if it is not.

        `logins` is how many there are.
        """
        old, login = self._by_topic.get(topic, NONE), new.login
        for limit, had, more, what in (
            (IDS, self._ids, len(new.ids) - len(old.ids), "ids"),
            (NAMED, self._named, len(new.copies) - len(old.copies), "topics in announcements"),
            (TOPICS, self._topics, int(old is NONE), "announcements"),
            (BYTES, self._bytes, new.size - old.size, "bytes of announcements"),
        ):
            of_one, of_all = limit
            most = min(of_one, of_all // max(1, logins))
            if more > 0 and had[login] + more > most:
                return f"more than {most} {what}"
        if not self.contents.takes_names(login, old.copies, new.copies):
            return "its entities would keep too much of a message"
        changes = self._changes.setdefault(login, AnnouncementChanges())
        return "" if changes.take(len(new.ids - old.ids), now) else TOO_OFTEN

    def record(self, topic: str, new: Announcement) -> None:
        """Put `new` in the place of what was announced on `topic`."""
        self._count(self._by_topic.pop(topic, NONE), topic, -1)
        if new.size:
            self._by_topic[topic] = new
            self._count(new, topic, 1)

    def _count(self, one: Announcement, topic: str, sign: int) -> None:
        if one is NONE:
            return
        self._topics[one.login] += sign
        self._bytes[one.login] += sign * one.size
        self._ids[one.login] += sign * len(one.ids)
        self._named[one.login] += sign * len(one.copies)
        self.contents.name(one.login, one.copies, sign)
        for one_id in one.ids:
            if sign > 0:
                self._claims.setdefault(one_id, topic)
            elif self._claims.get(one_id) == topic:
                del self._claims[one_id]
