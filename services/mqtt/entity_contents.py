"""Bound what the entities of one login keep in Home Assistant of the messages that they hear.

Each entity keeps its own copy, so one retained message that a thousand entities hear takes the
memory of a thousand, at every start again. A template makes a copy longer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

MOST = 4 << 20  # bytes that the entities of one login keep; a Zigbee bridge needs a quarter
MAX_UNHEARD = 20_000  # topics that nobody hears; those that are heard announcement_ledger.py bounds


class EntityContents:
    """`copies` are how many entities hear a topic, or more if they make the message longer."""

    def __init__(self) -> None:
        self._copies: dict[str, dict[str, int]] = {}  # by topic, and by the login that names it
        # Bytes of the newest message: what somebody hears, and what is kept for who comes later.
        self._heard: dict[str, int] = {}
        self._unheard: dict[str, int] = {}
        self._totals = Counter[str]()  # bytes, by login

    def copies(self, topic: str) -> int:
        """Return how many copies of a message on `topic` Home Assistant makes."""
        return sum(self._copies.get(topic, {}).values())

    def takes(self, topic: str, size: int) -> bool:
        """Return whether there is room for a message of `size` (bytes) on `topic`."""
        more = size - self._size(topic)
        copies = self._copies.get(topic, {})
        return more <= 0 or all(
            self._totals[login] + more * count <= MOST for login, count in copies.items()
        )

    def hear(self, topic: str, size: int, *, is_kept: bool) -> None:
        """Note a message; one that nobody hears counts only if it is kept for who comes later."""
        copies = self._copies.get(topic, {})
        more = size - self._size(topic)
        for login, count in copies.items():
            self._totals[login] += more * count
        self._put(topic, size if is_kept or copies else 0)

    def takes_names(self, login: str, old: Mapping[str, int], new: Mapping[str, int]) -> bool:
        """Return whether `login` may name the topics of `new`, with so many copies, for `old`."""
        more = sum(
            (new.get(topic, 0) - old.get(topic, 0)) * self._size(topic)
            for topic in old.keys() | new.keys()
        )
        return more <= 0 or self._totals[login] + more <= MOST

    def name(self, login: str, copies: Mapping[str, int], sign: int = 1) -> None:
        """Note which topics `login` names, or no longer names if `sign` is -1."""
        for topic, count in copies.items():
            of_topic = self._copies.setdefault(topic, {})
            of_topic[login] = of_topic.get(login, 0) + sign * count
            self._totals[login] += sign * count * self._size(topic)
            if not of_topic[login]:
                del of_topic[login]
            if not of_topic:
                del self._copies[topic]
            self._put(topic, self._size(topic))

    def forget_unheard(self) -> None:
        """Forget what nobody hears: what of it is still retained is about to come again."""
        self._unheard.clear()

    def _size(self, topic: str) -> int:
        return self._heard.get(topic) or self._unheard.get(topic, 0)

    def _put(self, topic: str, size: int) -> None:
        """Remember the size of the newest message; of too many unheard ones forget the oldest."""
        self._heard.pop(topic, None)
        self._unheard.pop(topic, None)
        if size and topic in self._copies:
            self._heard[topic] = size
        elif size:
            if len(self._unheard) >= MAX_UNHEARD:
                del self._unheard[next(iter(self._unheard))]
            self._unheard[topic] = size
