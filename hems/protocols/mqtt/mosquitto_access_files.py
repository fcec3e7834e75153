"""Write Mosquitto's password file and its access control list.

The password file has one line `user:hash` for each user:
hash = $7$<iterations>$<base64 of the 12-byte salt>$<base64 of the 64-byte key>, the key
being PBKDF2-HMAC-SHA512 of the password (mosquitto_passwd of Mosquitto 2).

The ACL has a paragraph for each user: `user NAME` and a line for each topic filter,
`topic read|write|readwrite|deny FILTER` (mosquitto.conf(5)). A user who is not in it has no rights.
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

ITERATIONS = 101  # as mosquitto_passwd: these passwords are random, not chosen by people
SALT_SIZE = 12
KEY_SIZE = 64
HASH = re.compile(r"\$7\$101\$([A-Za-z0-9+/=]{16})\$[A-Za-z0-9+/=]{88}")


class AccessRight(StrEnum):
    """What a user may do with the topics that match a filter."""

    READ = "read"
    WRITE = "write"
    READWRITE = "readwrite"
    DENY = "deny"  # wins against every grant


@dataclass(frozen=True)
class AccessGrant:
    """The rights of `user`: pairs of a right and a topic filter."""

    user: str
    topics: tuple[tuple[AccessRight, str], ...]


def password_line(user: str, password: str, salt: bytes, iterations: int = ITERATIONS) -> str:
    """Return the line of the password file for `user` with `password`, without a newline.

    `salt` is 12 random bytes. Raises ConfigError for a user name that the file cannot contain.
    """
    if not user or set(user) & set(":\r\n"):
        raise ConfigError(
            f"broker: found user {user!r}, expected a name without colon or line break"
        )
    if len(salt) != SALT_SIZE:
        raise ValueError(f"a salt of {len(salt)} bytes, expected {SALT_SIZE}")
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations, KEY_SIZE)
    return f"{user}:$7${iterations}${b64encode(salt).decode()}${b64encode(key).decode()}"


def is_line_for(line: str, user: str, password: str) -> bool:
    """Return whether `line` is ours and is for this user and password."""
    match = HASH.fullmatch(line.removeprefix(f"{user}:"))
    if match is None:
        return False
    try:
        expected = password_line(user, password, b64decode(match[1], validate=True))
    except ValueError:  # the salt is not base64
        return False
    return hmac.compare_digest(line.encode(), expected.encode())


def is_line_of(line: str, user: str) -> bool:
    """Return whether `line` is ours and is for this user, with any password."""
    return line.startswith(f"{user}:") and bool(HASH.fullmatch(line.removeprefix(f"{user}:")))


def access_list(grants: Sequence[AccessGrant]) -> str:
    """Return the text of an ACL file with exactly these grants."""
    return "\n\n".join(_paragraph(grant) for grant in grants) + "\n"


def _paragraph(grant: AccessGrant) -> str:
    topics = [f"topic {right} {topic}" for right, topic in grant.topics]
    return "\n".join([f"user {grant.user}", *topics])
