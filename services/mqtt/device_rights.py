"""Read from mosquitto's ACL file what each login may write, and compare topics with that.

Filters are those of MQTT 5, section 4.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, partial

from entity_ids import slug

CONFIG = "/config"
# By such names the gateway announces its meters, and the home.
NODE = re.compile(r"(?:d2l_\d{12}|home_[0-9a-f]{12})(?![0-9A-Za-z])")
GATEWAYS = ("gateway", "d2l")  # its entities' ids begin so, and those of its meters
# The ids of the home's entities (hems/protocols/gateway/home_entities.py).
HOMES = re.compile(
    "home_(?:(?:power|price|tariff)_now|subscribed_power|price_level|next_price_change"
    "|energy_(?:today|month|yesterday|(?:yesterday|last_week)_by_now)|(?:exported|solar)_today"
    "|(?:cost|feed_in)_(?:today|yesterday|month)|self_(?:consumption|sufficiency)"
    "|tempo_days_left_(?:blue|white|red))"
)
STATUS = "/status"  # Home Assistant says there that it has started


def matches(topics: str, topic: str) -> bool:
    """Return whether `topic` matches the filter `topics` (MQTT 5, section 4.7)."""
    levels, names = topics.split("/"), topic.split("/")
    for index, level in enumerate(levels):
        if level == "#":
            return True
        if index >= len(names) or level not in ("+", names[index]):
            return False
    return len(levels) == len(names)


def covers(topics: str, others: str) -> bool:
    """Return whether every topic that matches the filter `others` matches `topics`."""
    levels, wanted = topics.split("/"), others.split("/")
    for index, level in enumerate(levels):
        if level == "#":
            return True
        if index >= len(wanted) or wanted[index] == "#" or level not in ("+", wanted[index]):
            return False
    return len(levels) == len(wanted)


def overlap(topics: str, others: str) -> bool:
    """Return whether some topic matches both filters."""
    levels, wanted = topics.split("/"), others.split("/")
    for level, other in zip(levels, wanted, strict=False):
        if "#" in (level, other):
            return True
        if "+" not in (level, other) and level != other:
            return False
    if len(levels) == len(wanted):
        return True
    longer = max(levels, wanted, key=len)
    return longer[min(len(levels), len(wanted))] == "#"


class Rights:
    """The filters that each user of an ACL file may write, and those that it may not."""

    def __init__(self, text: str = "") -> None:
        self.users: dict[str, tuple[list[str], list[str]]] = {}
        self._prefixes: dict[str, str] = {}
        granted: list[str] = []
        denied: list[str] = []
        for line in text.splitlines():
            word, _, rest = line.partition(" ")
            if word == "user":
                user = rest
                granted, denied = self.users.setdefault(rest, ([], []))
            elif word == "topic":
                right, _, topics = rest.partition(" ")
                if right in ("write", "readwrite"):
                    granted.append(topics)
                elif right == "deny":
                    denied.append(topics)
                elif topics.endswith(STATUS):  # provision grants nothing else to read only
                    self._prefixes[user] = topics.removesuffix(STATUS)

    def writers(self, topic: str) -> Iterator[str]:
        """Yield each user that may write `topic`."""
        for user, (granted, denied) in self.users.items():
            if any(matches(one, topic) for one in granted) and not any(
                matches(one, topic) for one in denied
            ):
                yield user

    def prefix(self, user: str) -> str:
        """Return the topic below which `user` announces itself, empty for an unknown user."""
        return self._prefixes.get(user, "")

    def is_announcement(self, topic: str) -> bool:
        """Return whether Home Assistant takes what is published on `topic` for an announcement."""
        is_below = any(topic.startswith(f"{prefix}/") for prefix in self._prefixes.values())
        return is_below and topic.endswith(CONFIG)

    def may_name(self, user: str, topics: str) -> bool:
        """Return whether `user` may write every topic of a filter, or all may read it."""
        return topics == f"{self.prefix(user)}{STATUS}" or self.may_write(user, topics)

    def may_write(self, user: str, topics: str) -> bool:
        """Return whether `user` may write every topic of a filter."""
        if topics.startswith("$"):
            return False
        granted, denied = self.users.get(user, ((), ()))
        return any(covers(one, topics) for one in granted) and not any(
            overlap(one, topics) for one in denied
        )

    def is_named_after_another(self, user: str, text: str) -> bool:
        """Return whether `text` begins with the name of another login, or of the gateway's own."""
        announced = f"{self.prefix(user)}/+/"
        _, denied = self.users.get(user, ((), ()))
        names = {one.removeprefix(announced).removesuffix("/#") for one in denied}
        longest = max(
            filter(partial(_begins_with, text), names | self.users.keys()), key=len, default=""
        )
        return longest not in ("", user) or NODE.match(text) is not None

    def other_entities(self, user: str, entity_id: str) -> str:
        """Return whose entities have such ids, empty if they are nobody's, or the user's own.

        Who announces for others, as a Zigbee bridge does, names its entities as people name them.
        """
        if HOMES.fullmatch(entity_id):
            return "the home"
        begins = partial(_begins_with, entity_id)
        names = () if self._is_bridge(user) else self._slugs
        longest = max(filter(begins, names), key=len, default="")
        others = "" if longest == slug(user) else longest
        return next(filter(begins, GATEWAYS), others)

    @cached_property
    def _slugs(self) -> frozenset[str]:
        return frozenset(filter(None, map(slug, self.users)))

    def _is_bridge(self, user: str) -> bool:
        """Return whether `user` may announce a device that has no login of its own."""
        nobodys = [f"{self.prefix(user)}/sensor/{path}/config" for path in ("-", "-/-")]
        granted, _ = self.users.get(user, ((), ()))
        return any(matches(one, topic) for one in granted for topic in nobodys)


def _begins_with(text: str, name: str) -> bool:
    return text.startswith(name) and not text[len(name) :][:1].isalnum()
