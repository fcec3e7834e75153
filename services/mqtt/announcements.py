"""Decide what a device may announce to Home Assistant: itself, and nothing of others.

Mosquitto's rights are for topics. Home Assistant believes what is inside an announcement: which
topics an entity reads and writes, by which ids it is known, and templates, which it runs. So a
device may name only topics that its login may write, and no id that another login or the gateway
has announced. How much it may announce says announcement_ledger.py.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from announcement_ledger import NONE, Announcement, AnnouncementLedger
from announcement_templates import copies
from announcement_templates import fault as template_fault
from device_rights import Rights
from entity_ids import COMPONENTS, entity_ids
from token_bucket import TokenBucket

LONGEST = 1 << 14  # bytes of an announcement
DEEPEST = 16  # lists and objects in each other
MAX_VALUES = 2_000
WORK_BURST_S, WORK_A_SECOND = 5.0, 0.25  # of the processor, for what one login sends
UPDATE_S, BYTE_S = 7.5e-4, 1e-8  # of the processor, for each entity that hears a message
LONGEST_FAULT = 200  # characters
TOPIC_KEY = re.compile(r"(?:.*_)?(?:topic|t)")
URL_TOPICS = frozenset({"url_topic", "url_t"})
IDS = frozenset({"unique_id", "uniq_id", "identifiers", "ids"})
CONNECTIONS, MAC = frozenset({"connections", "cns"}), "mac"
INSTEAD = "set another as default_entity_id"
BASE = "~"
PLATFORM = frozenset({"platform", "p"})
TAG = "tag"  # Home Assistant keeps each new tag for ever
SCRIPT = re.compile(r"[\x00-\x20]*(?:javascript|vbscript|data):", re.IGNORECASE)
IN_AN_ADDRESS = str.maketrans("", "", "\t\n\r")  # browsers leave these out
Pairs = list[tuple[str, Any]]


class Announcements:
    """What is announced, and by whom; `rights` are those of the devices' logins.

    `refused` has the reason for each login's newest announcement that was refused, until the login
    corrects it.
    """

    def __init__(self, rights: Rights, clock: Callable[[], float] = time.monotonic) -> None:
        self.rights = rights
        self.refused: dict[str, str] = {}
        self._clock = clock
        self._refused_on: dict[str, str] = {}  # topics
        self._ledger = AnnouncementLedger()
        self._work: dict[str, TokenBucket] = {}

    def is_admitted(self, user: str, topic: str, payload: bytes) -> bool:
        """Return whether `user` may publish this, an announcement or not."""
        is_one = self.rights.is_announcement(topic)
        fault = self._fault(user, topic, payload) if is_one else ""
        if is_one and not fault and self.rights.may_write(user, topic):
            fault = self._counted(user, topic, payload)
        self._report(user, topic, fault)
        return not fault

    def is_will_admitted(self, topic: str, size: int) -> bool:
        """Return whether somebody may leave this will: who that is, nobody has checked yet.

        So it is no announcement: reading one takes time, which a stranger would not pay for.
        Nothing is counted or reported; `note` counts the will once it is published.
        """
        is_one = self.rights.is_announcement(topic)
        return not is_one and self._ledger.contents.takes(topic, size)

    def hears(self, user: str, topic: str, size: int, *, is_kept: bool) -> bool:
        """Return whether entities may hear a message of `size` (bytes); its login pays for it."""
        if not self.rights.may_write(user, topic):
            return True  # mosquitto drops it
        contents = self._ledger.contents
        is_heard = contents.takes(topic, size)
        if is_heard:
            contents.hear(topic, size, is_kept=is_kept)
            self.work(user).take(contents.copies(topic) * (UPDATE_S + BYTE_S * size))
        self._report(user, topic, "" if is_heard else "its entities would keep too much of it")
        return is_heard

    def _report(self, user: str, topic: str, fault: str) -> None:
        if fault and user in self.rights.users:  # any other name is a stranger's
            levels = [level for level in topic.split("/")[1:-1] if level != user]
            what = "/".join(levels) if self.rights.is_announcement(topic) else topic
            self.refused[user] = f"{what}: {fault}"[:LONGEST_FAULT]
            self._refused_on[user] = topic
        elif self._refused_on.get(user) == topic:
            del self.refused[user], self._refused_on[user]

    def work(self, user: str) -> TokenBucket:
        """Return how much of the processor a login may still use (s)."""
        return self._work.setdefault(user, TokenBucket(WORK_BURST_S, WORK_A_SECOND))

    def _fault(self, user: str, topic: str, payload: bytes) -> str:
        """Return why `user` may not announce this, empty if it may."""
        if not payload.strip().startswith(b"{"):
            return ""  # Home Assistant takes nothing else
        if len(payload) > LONGEST:
            return f"it has more than {LONGEST} bytes"
        try:
            return next(self._faults(user, topic, _parsed(payload)), "")
        except RecursionError:
            return "it is nested too deeply"
        except ValueError as error:
            return str(error)

    def note(self, topic: str, payload: bytes, *, is_kept: bool = True) -> None:
        """Remember what was published; an empty announcement withdraws the one before."""
        if not self.rights.is_announcement(topic):
            size = len(payload) and len(topic.encode()) + len(payload)
            self._ledger.contents.hear(topic, size, is_kept=is_kept)
        elif not self._ledger.is_known(topic, payload):
            login = next(self.rights.writers(topic), "")
            if (new := _described(login, payload)) is not None:
                self._ledger.record(topic, new)

    def forget_unheard(self) -> None:
        """Forget what nobody hears; what is retained of it is about to be noted again."""
        self._ledger.contents.forget_unheard()

    def _counted(self, user: str, topic: str, payload: bytes) -> str:
        """Count an announcement for its login; return why it is too much, empty if it is not."""
        if self._ledger.is_known(topic, payload):
            return ""
        new = _described(user, payload)
        if new is None:
            return ""
        if fault := self._ledger.fault(topic, new, len(self.rights.users), self._clock()):
            return fault
        self._ledger.record(topic, new)
        return ""

    def _faults(self, user: str, topic: str, announced: Pairs) -> Iterator[str]:
        yield from self._faults_of_values(user, announced)
        for one in frozenset(_ids(announced)):
            yield from self._faults_of_id(user, topic, one)
        yield from self._faults_of_entity_ids(user, announced)
        keys = (name for key, value in announced if key in COMPONENTS for name in _keys(value))
        yield from (f"a space in the component {name}" for name in keys if " " in name)
        below = topic.removeprefix(f"{self.rights.prefix(user)}/")
        if below.startswith(f"{TAG}/") or (TAG in _platforms(announced)):
            yield "Home Assistant would keep each tag for ever"

    def _faults_of_values(self, user: str, announced: Pairs) -> Iterator[str]:
        pairs = list(islice(_pairs(announced), MAX_VALUES + 1))
        bases = [value for key, value in pairs if key == BASE]
        if len(pairs) > MAX_VALUES:
            yield f"more than {MAX_VALUES} values"
        if len(bases) > 1:  # each would stand for each ~ of a topic
            yield f"more than one {BASE}"
        for key, value in pairs:
            yield from (fault for text in (key, value) if (fault := template_fault(text)))
            if SCRIPT.match(value.translate(IN_AN_ADDRESS)):
                yield f"a script in {key}"
            if key in URL_TOPICS:
                yield f"{key}: Home Assistant would open any address"
            if TOPIC_KEY.fullmatch(key):
                named = tuple(_expanded(value, bases))
                yield from self._faults_of_topics(user, key, named)

    def _faults_of_topics(self, user: str, key: str, named: Sequence[str]) -> Iterator[str]:
        others = (one for one in named if not self.rights.may_name(user, one))
        yield from (f"{key}: {one} is none of its topics" for one in others)
        several = (one for one in named if "+" in one or "#" in one)
        yield from (f"{key}: {one} has a wildcard" for one in several)

    def _faults_of_id(self, user: str, topic: str, text: str) -> Iterator[str]:
        other = self._ledger.claim(text) or topic
        if other != topic and user not in self.rights.writers(other):
            yield f"the id {text} is announced on {other}"
        if self.rights.is_named_after_another(user, text):
            yield f"the id {text} has the name of another"

    def _faults_of_entity_ids(self, user: str, announced: Pairs) -> Iterator[str]:
        for one in dict.fromkeys(entity_ids(announced)):
            if owner := self.rights.other_entities(user, one):
                yield f"the entity id {one[:60]} begins like those of {owner}: {INSTEAD}"


def _parsed(payload: bytes) -> Pairs:
    """Return a JSON object, each object in it as its pairs, each number as its text.

    Raises ValueError or RecursionError. Home Assistant's parser takes no more than this one.
    """
    parsed = json.loads(
        payload.decode(), object_pairs_hook=Pairs, parse_int=str, parse_float=_Fraction
    )
    if not isinstance(parsed, list):
        raise ValueError("no object")  # noqa: TRY004 - as for what is no JSON
    return parsed


def _described(login: str, payload: bytes) -> Announcement | None:
    """Return what an announcement says, None if Home Assistant does not take it."""
    if not payload:
        return NONE._replace(login=login)
    try:
        announced = _parsed(payload)
        ids = frozenset(_ids(announced))
        return Announcement(login, hash(payload), len(payload), ids, _copies(announced))
    except (ValueError, RecursionError):
        return None


def _copies(announced: Pairs) -> Counter[str]:
    """Return how many copies of what is published on each topic Home Assistant makes.

    What is beside the components is for each of them.
    """
    pairs = list(islice(_pairs(announced), MAX_VALUES))
    bases = [value for key, value in pairs if key == BASE]
    most = max((copies(value) for _, value in pairs), default=1)
    parts = max(1, sum(len(_keys(value)) for key, value in announced if key in COMPONENTS))
    beside = [pair for pair in announced if pair[0] not in COMPONENTS]
    named = Counter[str]()
    for some, count in ((pairs, 1), (list(_pairs(beside)), parts - 1)):
        for key, value in some:
            if TOPIC_KEY.fullmatch(key):
                for topic in _expanded(value, bases):
                    named[topic] += count * most
    return +named


def _platforms(announced: Pairs) -> Iterator[str]:
    return (value for key, value in _pairs(announced) if key in PLATFORM)


class _Fraction(str):
    """A number that can be written in several ways."""

    __slots__ = ()


def _keys(value: object) -> list[str]:
    pairs = value if isinstance(value, list) else []
    return [pair[0] for pair in pairs if isinstance(pair, tuple)]


def _pairs(announced: Pairs) -> Iterator[tuple[str, str]]:
    """Yield every key with each text, or number, below it. Raises ValueError for a deep one."""
    waiting: list[tuple[str, Any, int]] = [("", announced, 1)]
    while waiting:
        key, value, depth = waiting.pop()
        if depth > DEEPEST and isinstance(value, list):
            raise ValueError("it is nested too deeply")
        if isinstance(value, list):
            yield key, ""
            below = (one if isinstance(one, tuple) else (key, one) for one in reversed(value))
            waiting += ((name, one, depth + 1) for name, one in below)
        else:
            yield key, value if isinstance(value, str) else json.dumps(value)


def _ids(announced: Pairs) -> Iterator[str]:
    """Yield the ids. Raises ValueError for one that Home Assistant may write in another way."""
    for key, text in _pairs(announced):
        if key in IDS and text:
            if isinstance(text, _Fraction):
                raise ValueError("a fraction as an id")
            yield text
        elif key in CONNECTIONS and text not in ("", MAC):
            digits = re.sub("[^0-9a-z]", "", text.lower())
            if not re.fullmatch("[0-9a-f]{12}", digits):
                raise ValueError("a connection that is no MAC address")
            yield f"{MAC} {digits}"


def _expanded(topics: str, bases: list[str]) -> Iterator[str]:
    """Yield `topics` with each base in the place of a ~ at either end, as Home Assistant does."""
    if topics in ("", "null"):
        return
    if BASE not in (topics[0], topics[-1]) or not bases:
        yield topics
    for base in bases:
        if topics[0] == BASE:
            yield base + topics[1:]
        if topics[-1] == BASE:
            yield topics[:-1] + base
