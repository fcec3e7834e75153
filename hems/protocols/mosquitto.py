"""Mosquitto's password file and its access control list.

The password file has one `user:hash` a line,
hash = $7$<iterations>$<base64 of the 12-byte salt>$<base64 of the 64-byte key>, the key
being PBKDF2-HMAC-SHA512 of the password (mosquitto_passwd of Mosquitto 2).

The ACL has a paragraph a user, `user NAME` and a line for each topic filter (mosquitto.conf(5)):
`topic read|write|readwrite FILTER`. Whoever is not in it may do nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hems.errors import ConfigError

ITERATIONS = 101  # mosquitto_passwd's own: the passwords here are random, not a person's
SALT_SIZE = 12
KEY_SIZE = 64
HASH = re.compile(r"\$7\$101\$([A-Za-z0-9+/=]{16})\$[A-Za-z0-9+/=]{88}")


class Right(StrEnum):
    """What a user may do with the topics of a filter."""

    READ = "read"
    WRITE = "write"
    READWRITE = "readwrite"


@dataclass(frozen=True)
class Grant:
    """What `user` may do: topic filters with a right each."""

    user: str
    topics: tuple[tuple[Right, str], ...]


def password_line(user: str, password: str, salt: bytes, iterations: int = ITERATIONS) -> str:
    """Return the line that lets `user` in with `password`, without its newline.

    `salt` is 12 random bytes. Raises ConfigError for a user name the file cannot hold.
    """
    if not user or set(user) & set(":\r\n"):
        raise ConfigError(
            f"the broker's user is {user!r}, expected a name without colon or newline"
        )
    if len(salt) != SALT_SIZE:
        raise ValueError(f"a salt of {len(salt)} bytes, expected {SALT_SIZE}")
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations, KEY_SIZE)
    return f"{user}:$7${iterations}${b64encode(salt).decode()}${b64encode(key).decode()}"


def lets_in(line: str, user: str, password: str) -> bool:
    """Tell whether `line` is as we write it, for this user and password."""
    found = HASH.fullmatch(line.removeprefix(f"{user}:"))
    if found is None:
        return False
    try:
        expected = password_line(user, password, b64decode(found[1], validate=True))
    except ValueError:  # the salt is no base64
        return False
    return hmac.compare_digest(line.encode(), expected.encode())


def access_list(grants: Sequence[Grant]) -> str:
    """Return the text of an ACL file that grants this and no more."""
    paragraphs = [
        "\n".join([f"user {one.user}", *(f"topic {right} {name}" for right, name in one.topics)])
        for one in grants
    ]
    return "\n\n".join(paragraphs) + "\n"
