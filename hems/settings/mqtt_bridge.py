"""[mqtt_bridge] and the variable MQTT_BRIDGE: the central broker that readings are sent on to.

MQTT_BRIDGE  mqtts://USER:PASSWORD@HOST:PORT - with TLS, or mqtt:// without; what means something
             in a URL is percent-encoded in USER and PASSWORD (RFC 3986, section 2.1)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from hems.settings.logins import is_topic_filter
from hems.settings.provision import is_server_name
from hems.settings.section import Section

PORTS = {"mqtts": 8883, "mqtt": 1883}  # IANA's, where the URL has none
MAX_LENGTH = 8192  # of the URL; a string of MQTT has up to 65535 bytes
NAME = "MQTT_BRIDGE"
EXPECTED = "expected mqtts://USER:PASSWORD@HOST:PORT"
PREFIX = re.compile(r"[^\s/+#]+(/[^\s/+#]+)*")


class MqttBridge(Section, frozen=True):
    topics: tuple[str, ...] = ("hems/#",)
    prefix: str = ""

    def problems(self) -> Iterator[str]:
        for topic in self.topics or ("",):
            if not is_topic_filter(topic) or " " in topic:
                yield f"topics: {topic!r}, expected topics such as hems/#, without spaces"
        if self.prefix and not (PREFIX.fullmatch(self.prefix) and self.prefix.isprintable()):
            yield f"prefix: {self.prefix!r}, expected such as home-1, without spaces, + or #"


@dataclass(frozen=True)
class CentralBroker:
    """Where it is, and the login there; `host` is a name or an IPv4 address."""

    host: str
    port: int
    has_tls: bool
    user: str
    password: str = field(repr=False)


def central_broker(text: str, problems: list[str]) -> CentralBroker | None:
    """Return the broker of the URL `text`, None for none.

    What is wrong is appended to `problems`, without any part of the URL: with a character that
    is not encoded, any part may be one of the password.
    """
    if not text:
        return None
    try:
        parts = urlsplit(text)
        login = [unquote(one or "", errors="strict") for one in (parts.username, parts.password)]
        port = PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        problems.append(f"{NAME}: the port is no number, or %XX is no UTF-8; {EXPECTED}")
        return None
    wrong = list(_problems(text, parts, login))
    problems += [f"{NAME}: {one}" for one in wrong]
    if wrong:
        return None
    return CentralBroker(parts.hostname or "", port, parts.scheme == "mqtts", *login)


def _problems(text: str, parts: SplitResult, login: Sequence[str]) -> Iterator[str]:
    host = parts.hostname or ""
    if parts.scheme not in PORTS:
        yield f"found neither mqtts:// nor mqtt:// at the beginning; {EXPECTED}"
    # urlsplit drops line breaks and tabs without a word.
    if not all(one.isprintable() and one == one.strip() for one in (text, *login)):
        yield "found a control character, or a space at an end of user or password: leave that out"
    if len(text) > MAX_LENGTH:
        yield f"found {len(text)} characters, expected at most {MAX_LENGTH}"
    if parts.path.strip("/") or parts.query or parts.fragment:
        yield f"found more behind the host; {EXPECTED}, with / ? # % as %2F %3F %23 %25"
        return  # the rest may be cut off
    if not is_server_name(host) or ":" in host or parts.port == 0:
        yield f"found no host's name or IPv4 address, or port 0; {EXPECTED}"
    if not all(login):
        yield f"found no user or no password; {EXPECTED}"
