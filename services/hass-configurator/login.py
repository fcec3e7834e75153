"""Who may use the editor: HTTP Basic (RFC 7617) with CONFIG_USER and CONFIG_PASSWORD.

A variable counts before the file of its name in /gateway/secrets. Both are read at each request,
so that the login works as soon as the gateway has made it, and a new one needs no restart. As
long as there is none, nobody comes in.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from urllib.parse import urlsplit

WRONG_PASSWORD_S = 1.0
PROXY = "172.18.4.4"  # nginx's address in docker-compose.yml


class Login:
    def __init__(
        self,
        environ: Mapping[str, str],
        secrets: Path,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._environ = environ
        self._secrets = secrets
        self._sleep = sleep
        self._turns: defaultdict[str, Lock] = defaultdict(Lock)

    def admits(self, authorization: str | None, visitor: str) -> bool:
        """Tell whether a request with this Authorization header may go on.

        A wrong one costs a second, in which no other one of this `visitor` (his address) counts.
        """
        if authorization is None:
            return False
        with self._turns[visitor]:
            is_right = self._is_right(authorization)
            if not is_right:
                self._sleep(WRONG_PASSWORD_S)
        return is_right

    def _is_right(self, authorization: str) -> bool:
        user, password = self._value("CONFIG_USER"), self._value("CONFIG_PASSWORD")
        if not user or not password:
            return False
        return hmac.compare_digest(f"{user}:{password}".encode(), credentials(authorization))

    def _value(self, name: str) -> str:
        if self._environ.get(name):
            return self._environ[name]
        try:
            return Path(self._secrets, name).read_text(encoding="utf-8").rstrip("\n")
        except OSError:  # not made yet
            return ""


def credentials(authorization: str) -> bytes:
    """Return `user:password` of an Authorization header, nothing if it has none."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(token.strip(), validate=True)
    except binascii.Error:
        return b""


def visitor(address: str, forwarded: str | None) -> str:
    """Return who asks from `address`: nginx tells for whom, whatever others say is not believed."""
    return forwarded if forwarded and address == PROXY else address


def is_foreign(origin: str | None, host: str | None) -> bool:
    """Tell whether another site's page sends a request: a browser adds the login to that, too.

    `origin` and `host` are the headers of these names. Ports do not count: a proxy may drop them.
    """
    if origin is None:  # not from a page, or an old browser
        return False
    return urlsplit(origin).hostname != urlsplit(f"//{host or ''}").hostname
