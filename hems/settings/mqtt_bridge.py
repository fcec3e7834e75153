"""[mqtt_bridge] and the variable MQTT_BRIDGE: the central broker that gets the readings too.

MQTT_BRIDGE is mqtts://USER:PASSWORD@HOST:PORT, or mqtt:// without TLS. Special characters of a URL
are percent-encoded in USER and PASSWORD (RFC 3986, section 2.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from hems.settings.address_validation import is_server_name
from hems.settings.mqtt_users import is_topic_filter
from hems.settings.section import Section, WrongValue, wrong
from hems.settings.validation_problems import strange

PORTS = {"mqtts": 8883, "mqtt": 1883}  # IANA's, used when the URL has none
MAX_LENGTH = 8192  # characters of the URL; an MQTT string has at most 65535 bytes
NAME = "MQTT_BRIDGE"
PARTS = {NAME, "mqtt_bridge"}  # of the settings, with a mistake in which no bridge is known
PREVIOUS = "the previous bridge"
EXPECTED = "expected mqtts://USER:PASSWORD@HOST:PORT"
PREFIX = re.compile(r"[^\s/+#]+(/[^\s/+#]+)*")


class MqttBridgeSettings(Section, frozen=True):
    topics: tuple[str, ...] = ("hems/#",)
    prefix: str = ""

    @classmethod
    def instead(cls, _name: str) -> str:
        """Return what is used in place of a wrong value: never more topics than were chosen."""
        return PREVIOUS

    def problems(self) -> Iterator[WrongValue]:
        for topic in self.topics or ("",):
            if not is_topic_filter(topic) or " " in topic:
                yield wrong("topics", topic, "topics such as hems/#, without spaces")
        if self.prefix and not (PREFIX.fullmatch(self.prefix) and self.prefix.isprintable()):
            yield wrong("prefix", self.prefix, "such as home-1, without spaces, + or #")


@dataclass(frozen=True)
class CentralBroker:
    """The address of the central broker and the login; `host` is a name or an IPv4 address."""

    host: str
    port: int
    has_tls: bool
    user: str
    password: str = field(repr=False)


def central_broker(text: str, problems: list[str]) -> CentralBroker | None:
    """Return the broker of the URL `text`, None without one or with a mistake.

    Appends each mistake to `problems`, without any part of the URL: if a character is not encoded,
    any part may belong to the password.
    """
    if not text:
        return None
    if kind := strange(text):  # urlsplit silently removes line breaks and tabs
        problems.append(f"{NAME}: found {kind}: remove it")
        return None
    try:
        parts = urlsplit(text)
        login = [unquote(part or "", errors="strict") for part in (parts.username, parts.password)]
        port = PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        problems.append(f"{NAME}: the port is not a number, or %XX is not UTF-8; {EXPECTED}")
        return None
    mistakes = list(_problems(text, parts, login))
    problems += [f"{NAME}: {mistake}" for mistake in mistakes]
    if mistakes:
        return None
    return CentralBroker(parts.hostname or "", port, parts.scheme == "mqtts", *login)


def _problems(text: str, parts: SplitResult, login: Sequence[str]) -> Iterator[str]:
    host = parts.hostname or ""
    if parts.scheme not in PORTS:
        yield f"found neither mqtts:// nor mqtt:// at the start; {EXPECTED}"
    if kind := strange("".join(login)):
        yield f"found {kind}: remove it"
    elif any(part != part.strip() for part in (text, *login)):
        yield "found a space at an end of the URL, the user or the password: remove it"
    if len(text) > MAX_LENGTH:
        yield f"found {len(text)} characters, expected at most {MAX_LENGTH}"
    if parts.path.strip("/") or parts.query or parts.fragment:
        yield f"found more after the host; {EXPECTED}, with / ? # % as %2F %3F %23 %25"
        return  # the parts may be cut at a wrong place
    if not is_server_name(host) or ":" in host or parts.port == 0:
        yield f"found no host name or IPv4 address, or port 0; {EXPECTED}"
    if not all(login):
        yield f"found no user or no password; {EXPECTED}"
