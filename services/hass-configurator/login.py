"""Check the editor's login: HTTP Basic (RFC 7617) with CONFIG_USER and CONFIG_PASSWORD.

provision keeps both in /gateway/secrets: the value of a variable if it is valid, else the previous
or a generated one. Without such a file the variable counts. Every request reads them, so a new
login works immediately and without a restart. While there is no login, nobody is admitted.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

WRONG_PASSWORD_S = 1.0
LOCKS = 64  # for all clients: few wait for another one's wrong password
PROXY = "172.18.4.4"  # nginx's address in docker-compose.yml


class EditorLogin:
    def __init__(
        self,
        environ: Mapping[str, str],
        secrets: Path,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._environ = environ
        self._secrets = secrets
        self._sleep = sleep
        self._locks = [Lock() for _ in range(LOCKS)]

    def admits(self, authorization: str | None, client: str) -> bool:
        """Return whether a request with this Authorization header has the right login.

        A wrong login takes a second, during which other logins of the same `client` (an
        address) wait.
        """
        if authorization is None:
            return False
        with self._locks[hash(client) % LOCKS]:
            is_right = self._is_right(authorization)
            if not is_right:
                self._sleep(WRONG_PASSWORD_S)
        return is_right

    def _is_right(self, authorization: str) -> bool:
        user, password = self._value("CONFIG_USER"), self._value("CONFIG_PASSWORD")
        if not user or not password:
            return False
        return hmac.compare_digest(user + b":" + password, credentials(authorization))

    def _value(self, name: str) -> bytes:
        try:
            value = Path(self._secrets, name).read_bytes().rstrip(b"\n")
        except OSError:  # the gateway has not made it yet
            value = b""
        return value or os.fsencode(self._environ.get(name, ""))


def credentials(authorization: str) -> bytes:
    """Return `user:password` of an Authorization header, empty if it has none."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(token.strip(), validate=True)
    except binascii.Error:
        return b""


def client_address(peer: str, forwarded: str | None) -> str:
    """Return the client's address: X-Forwarded-For from nginx, the `peer` itself otherwise."""
    return forwarded if forwarded and peer == PROXY else peer


def is_cross_site(origin: str | None, host: str | None) -> bool:
    """Return whether a page of another site sends a request; browsers add the login to it, too.

    `origin` and `host` are the headers of these names. Ports are ignored: a proxy may drop them.
    """
    if origin is None:  # no page sends it, or an old browser
        return False
    return urlsplit(origin).hostname != urlsplit(f"//{host or ''}").hostname
