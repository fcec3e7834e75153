"""MQTT_USERS: the logins of other devices at the broker.

name:password;name:password:topic,topic;name:password:topic,topic:tls;name:password::tls

A device may use all topics below its name, or the topic filters of its list instead. `tls` says
that it connects with TLS, so that it needs no port without.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from hems.settings.shared_secret_rules import (
    HOME_ASSISTANT,
    MIN_LENGTH,
    PLAIN_NAME,
    password_problem,
)

NAME = "MQTT_USERS"
FORMAT = "name:password or name:password:topic,topic"
TLS = "tls"
ANNOUNCED = re.compile(
    "(d2l|gateway)_.*|home_[0-9a-f]{12}.*"
)  # as these the gateway announces its own devices


@dataclass(frozen=True)
class MqttUser:
    """A device's login at the broker; without `topics` it may use all topics below its name.

    `password` is empty if a wrong one was set: the device's previous one stays in force.
    """

    name: str
    password: str = field(repr=False)
    topics: tuple[str, ...] = ()
    has_tls: bool = False


def need_plain_port(users: Iterable[MqttUser]) -> bool:
    """Return whether a device needs the port without TLS: one that is not marked for TLS."""
    return any(not user.has_tls for user in users)


def mqtt_users(text: str, problems: list[str]) -> tuple[MqttUser, ...]:
    """Return the users of the variable's `text`; append each mistake to `problems`."""
    users = []
    entries = [entry.strip() for entry in text.split(";")]
    for number, entry in enumerate((entry for entry in entries if entry), 1):
        name, colon, rest = entry.partition(":")
        if not colon:
            problems.append(f"{NAME}: user {number}: found no colon, expected {FORMAT}")
            continue
        user = _user(name, rest)
        mistakes = list(_problems(user))
        problems += [f"{NAME}: user {number}: {mistake}" for mistake in mistakes]
        if not mistakes:
            if mistake := password_problem(user.password, MIN_LENGTH):
                problems.append(f"{NAME}: user {number}: the password {mistake}")
                user = replace(user, password="")
            users.append(user)
    names = Counter(user.name for user in users)
    for repeated in sorted(name for name, count in names.items() if count > 1):
        problems.append(f"{NAME}: {repeated} is listed more than once")
    return tuple(users)


def _user(name: str, rest: str) -> MqttUser:
    password, *lists = rest.split(":", 1)
    topics, colon, mark = "".join(lists).rpartition(":")
    if not (has_tls := colon == ":" and mark == TLS):
        topics = "".join(lists)
    listed = tuple(topic.strip() for topic in topics.split(",") if topic)
    return MqttUser(name, password, listed, has_tls)


def _problems(user: MqttUser) -> Iterator[str]:
    if not re.fullmatch(PLAIN_NAME, user.name):
        yield f"expected a name of letters, digits and . _ @ -, in {FORMAT}"
    if user.name == HOME_ASSISTANT:
        yield f"{HOME_ASSISTANT} is the user name of Home Assistant: choose another"
    elif ANNOUNCED.fullmatch(user.name):
        yield f"{user.name} is a name of the gateway itself: choose another"
    for number, topic in enumerate(user.topics, 1):
        if not is_topic_filter(topic) or topic.startswith("$"):
            yield f"topic {number} is not a topic: expected one such as plug/# or plug/+/state"


def is_topic_filter(text: str) -> bool:
    """Return whether `text` is a topic filter of MQTT 3.1.1 (section 4.7) for an ACL."""
    levels = text.split("/")
    return (
        0 < len(text) <= 200
        and text.isprintable()
        and text == text.strip()
        and all("+" not in level or level == "+" for level in levels)
        and all("#" not in level for level in levels[:-1])
        and ("#" not in levels[-1] or levels[-1] == "#")
    )
