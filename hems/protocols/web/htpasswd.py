"""Write and check nginx's password file (auth_basic_user_file): one `user:hash` a line.

hash = $2b$<cost>$<22 characters of salt><31 of key>, which is bcrypt. Of the hashes that nginx can
check with the crypt() of both musl (the Alpine image) and glibc's libxcrypt, it is the strongest.
"""

from __future__ import annotations

import bcrypt

# The least that bcrypt has, 1 ms of a Pi. nginx checks the password of every request, and serves
# nobody meanwhile: a network of guessers would keep the meters out. More would protect nothing,
# as the volume of this file has the password itself.
COST = 4


def new_salt() -> bytes:
    """Return a random salt that has the method and the cost."""
    return bcrypt.gensalt(COST)


def password_line(user: str, password: str, salt: bytes) -> str:
    """Return the line of the password file for `user` with `password`, without a newline.

    `user` has no colon, `password` has at most 72 bytes in UTF-8, `salt` is from `new_salt`.
    """
    return f"{user}:{bcrypt.hashpw(password.encode(), salt).decode()}"


def is_line_for(line: str, user: str, password: str) -> bool:
    """Return whether `line` has our cost and is for this user and password."""
    name, _, hashed = line.partition(":")
    if name != user or not hashed.startswith(f"$2b${COST:02d}$"):
        return False
    try:
        return bcrypt.checkpw(password.encode(), hashed.encode())
    except ValueError:  # cut off, or not base64
        return False
