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

MAX_IDS, MAX_NAMED = 10_000, 15_000  # ids, and topics that announcements name
MAX_TOPICS, MAX_BYTES = 3_000, 2 << 20  # as many as a login may retain (device_limits.py)
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

    def fault(self, topic: str, new: Announcement, now: float) -> str:
        """Return why `new` is too much of its login at monotonic `now` (s), empty if it is not."""
        old, login = self._by_topic.get(topic, NONE), new.login
        if self._ids[login] + len(new.ids) > MAX_IDS:
            return f"more than {MAX_IDS} ids"
        if self._named[login] + len(new.copies) > MAX_NAMED:
            return f"announcements that name more than {MAX_NAMED} topics"
        if self._topics[login] + (old is NONE) > MAX_TOPICS:
            return f"more than {MAX_TOPICS} announcements"
        if self._bytes[login] + new.size - old.size > MAX_BYTES:
            return f"announcements of more than {MAX_BYTES} bytes"
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
