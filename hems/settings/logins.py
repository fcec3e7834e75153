"""The logins between the gateway's services, and what they may look like.

CONFIG_USER, CONFIG_PASSWORD   the owner: Home Assistant, InfluxDB, /configurator/, /influx/
INFLUX_TOKEN                   Home Assistant's access to InfluxDB
MQTT_USER, MQTT_PASSWORD       the workers' login at the broker
MQTT_HOMEASSISTANT_PASSWORD    Home Assistant's, as user homeassistant
MQTT_USERS                     logins of other devices: name:password;name:password:topic,topic

All but the last are made by the worker provision when they are not given, and stand then in
/gateway/secrets/NAME.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

HOME_ASSISTANT = "homeassistant"  # its user at the broker
MIN_LENGTH, MAX_TOKEN = 8, 256  # characters; InfluxDB takes no shorter password
MAX_BYTES = 72  # of a password: what bcrypt takes, which nginx, InfluxDB and Home Assistant use
TOKEN = f"[!-~]{{{MIN_LENGTH},{MAX_TOKEN}}}"
USER_FORMAT = "name:password or name:password:topic,topic"
PLAIN_NAME = "[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"


class Secret(StrEnum):
    """The secrets that services share; the name of the variable and of the file."""

    CONFIG_USER = "CONFIG_USER"
    CONFIG_PASSWORD = "CONFIG_PASSWORD"  # noqa: S105 - a name
    INFLUX_TOKEN = "INFLUX_TOKEN"  # noqa: S105
    MQTT_USER = "MQTT_USER"
    MQTT_PASSWORD = "MQTT_PASSWORD"  # noqa: S105
    MQTT_HOMEASSISTANT_PASSWORD = "MQTT_HOMEASSISTANT_PASSWORD"  # noqa: S105


DEFAULTS = {Secret.CONFIG_USER: "admin", Secret.MQTT_USER: "hems"}  # the rest is random
BROKERS = {Secret.MQTT_PASSWORD, Secret.MQTT_HOMEASSISTANT_PASSWORD}  # which takes any length


@dataclass(frozen=True)
class MqttUser:
    """A login at the broker for a device; no `topics` means all below its name."""

    name: str
    password: str = field(repr=False)
    topics: tuple[str, ...] = ()


def checked(secret: Secret, value: str, problems: list[str]) -> str:
    """Return `value`, empty when it is wrong: that is appended to `problems`."""
    wrong = problem(secret, value) if value else ""
    if wrong:
        problems.append(f"{secret} {wrong}")
    return "" if wrong else value


def problem(secret: Secret, value: str) -> str:
    """Return what is wrong with a value, in words that do not show it; empty when it is fine."""
    if secret in DEFAULTS:
        return _name_problem(secret, value)
    if secret is Secret.INFLUX_TOKEN and not re.fullmatch(TOKEN, value):
        return f"is no token of {MIN_LENGTH} to {MAX_TOKEN} ASCII characters without spaces"
    return _password_problem(value, 1 if secret in BROKERS else MIN_LENGTH)


def _name_problem(secret: Secret, value: str) -> str:
    is_owner = secret is Secret.CONFIG_USER  # Home Assistant takes no capital letters
    if not re.fullmatch(PLAIN_NAME, value) or (is_owner and value != value.lower()):
        letters = "small letters" if is_owner else "letters"
        return f"is no user name: expected up to 64 {letters}, digits and . _ @ -"
    if secret is Secret.MQTT_USER and value == HOME_ASSISTANT:
        return f"is {HOME_ASSISTANT}, which is Home Assistant's own: choose another"
    return ""


def _password_problem(value: str, least: int) -> str:
    if not value.isprintable() or value != value.strip():
        return "has a line break, a control character or a space at its ends: leave that out"
    if len(value) < least:
        return f"has {len(value)} characters, expected at least {least}"
    if (size := len(value.encode())) > MAX_BYTES:
        return f"has {size} bytes, expected at most {MAX_BYTES}"
    return ""


def kept(directory: Path, secret: Secret) -> str:
    """Return what the file of `secret` holds, empty when it cannot be had or makes no sense."""
    try:
        value = (directory / secret).read_bytes()[: 2 * MAX_TOKEN].decode()
    except (OSError, UnicodeDecodeError):
        return ""
    return "" if problem(secret, value) else value


def mqtt_users(text: str, problems: list[str]) -> tuple[MqttUser, ...]:
    """Return the users of `name:password[:topic,topic];…`; append what is wrong to `problems`."""
    users = []
    entries = [entry.strip() for entry in text.split(";")]
    for number, entry in enumerate((entry for entry in entries if entry), 1):
        name, colon, rest = entry.partition(":")
        if not colon:
            problems.append(f"MQTT_USERS: user {number}: found no colon, expected {USER_FORMAT}")
            continue
        password, _, topics = rest.partition(":")
        user = MqttUser(name, password, tuple(one.strip() for one in topics.split(",") if one))
        wrong = list(_user_problems(user))
        problems += [f"MQTT_USERS: user {number}: {one}" for one in wrong]
        if not wrong:
            users.append(user)
    names = [user.name for user in users]
    for repeated in sorted({name for name in names if names.count(name) > 1}):
        problems.append(f"MQTT_USERS: {repeated} is listed more than once")
    return tuple(users)


def _user_problems(user: MqttUser) -> Iterator[str]:
    if not re.fullmatch(PLAIN_NAME, user.name):
        yield f"found no name of letters, digits and . _ @ -, expected {USER_FORMAT}"
    if user.name == HOME_ASSISTANT:
        yield f"{HOME_ASSISTANT} is Home Assistant's own: choose another name"
    if wrong := _password_problem(user.password, MIN_LENGTH):
        yield f"the password {wrong}"
    for number, topic in enumerate(user.topics, 1):
        if not is_topic_filter(topic):
            yield f"topic {number} is no topic: expected such as plug/# or plug/+/state"


def is_topic_filter(text: str) -> bool:
    """Tell whether `text` may stand in an ACL: an MQTT 3.1.1 topic filter (section 4.7)."""
    levels = text.split("/")
    return (
        0 < len(text) <= 200
        and text.isprintable()
        and text == text.strip()
        and all("+" not in level or level == "+" for level in levels)
        and all("#" not in level for level in levels[:-1])
        and ("#" not in levels[-1] or levels[-1] == "#")
    )
