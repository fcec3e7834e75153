"""Mosquitto's password file: one `user:hash` a line.

hash = $7$<iterations>$<base64 of the 12-byte salt>$<base64 of the 64-byte key>, the key
being PBKDF2-HMAC-SHA512 of the password (mosquitto_passwd of Mosquitto 2).
"""

from __future__ import annotations

import hashlib
from base64 import b64encode

from hems.errors import ConfigError

ITERATIONS = 101  # mosquitto_passwd's own: the passwords here are random, not a person's
SALT_SIZE = 12
KEY_SIZE = 64


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
