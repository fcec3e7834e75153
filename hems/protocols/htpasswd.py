"""nginx's password file (auth_basic_user_file): one `user:hash` a line.

hash = $2b$<cost>$<22 characters of salt><31 of key>, bcrypt: of what nginx can check, through
the crypt() of musl (the Alpine image) and of glibc's libxcrypt alike, the hardest to guess.
"""

from __future__ import annotations

from base64 import b64encode

import bcrypt

# nginx checks the password of every request: 8 ms of one worker's time, on each asset of a page.
COST = 7
SALT_SIZE = 16
STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
BCRYPT = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def password_line(user: str, password: str, salt: bytes) -> str:
    """Return the line that lets `user`, without a colon, in with `password`; no newline.

    `salt` is 16 random bytes; the password has up to 72 bytes in UTF-8.
    """
    text = b64encode(salt).rstrip(b"=").translate(bytes.maketrans(STANDARD, BCRYPT))
    hashed = bcrypt.hashpw(password.encode(), b"$2b$%02d$%b" % (COST, text))
    return f"{user}:{hashed.decode()}"


def lets_in(line: str, user: str, password: str) -> bool:
    """Tell whether `line` is as we write it, for this user and password."""
    name, _, hashed = line.partition(":")
    if name != user or not hashed.startswith(f"$2b${COST:02d}$"):
        return False
    try:
        return bcrypt.checkpw(password.encode(), hashed.encode())
    except ValueError:  # cut off, or not base64
        return False
