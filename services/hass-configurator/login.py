"""Check the editor's login: HTTP Basic (RFC 7617) with CONFIG_USER and CONFIG_PASSWORD.

provision keeps both in /gateway/secrets: the value of a variable if it is valid, else the previous
or a generated one. Without such a file the variable counts. Every request reads them, so a new
login works immediately and without a restart. While there is no login, nobody is admitted.

Each address has BURST wrong logins, then one a second; until then even the right one is refused.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import time
from collections.abc import Callable, Mapping
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

from http_messages import Refused, Response

BURST = 10  # wrong logins at once
SLOTS = 256  # for all addresses together: it bounds the memory, and the guesses of a whole network
PROXY = "172.18.4.4"  # nginx's address in docker-compose.yml
SAME_ORIGIN = {None, "same-origin", "none"}  # no header: an old browser, or no browser
CHALLENGE = {"WWW-Authenticate": 'Basic realm="SmartCORE", charset="UTF-8"'}


class OwnerLogin:
    """The gateway's login, as it is at the moment."""

    def __init__(self, environ: Mapping[str, str], secrets: Path) -> None:
        self._environ = environ
        self._secrets = secrets

    def values(self) -> tuple[bytes, bytes] | None:
        """Return the user and the password, None while there is no login."""
        user, password = self._value("CONFIG_USER"), self._value("CONFIG_PASSWORD")
        return (user, password) if user and password else None

    def _value(self, name: str) -> bytes:
        try:
            value = Path(self._secrets, name).read_bytes().rstrip(b"\n")
        except OSError:  # the gateway has not made it yet
            value = b""
        return value or os.fsencode(self._environ.get(name, ""))


class LoginCheck:
    """Admits requests with the right login."""

    def __init__(
        self, owner: OwnerLogin, clock: Callable[[], float] = time.monotonic, salt: object = None
    ) -> None:
        self._owner = owner
        self._clock = clock
        self._salt = salt or os.urandom(16)
        self._used_until = [0.0] * SLOTS  # the time at which all guesses of a slot are back

    def refusal(self, authorization: str | None, client: str) -> Response | None:
        """Return the response to a request without the right login, None for the others.

        `client` is an address; a request without Authorization is no guess.
        """
        if authorization is None:
            return Response(401, headers=CHALLENGE)
        slot, now = hash((self._salt, client)) % SLOTS, self._clock()
        if self._used_until[slot] - now > BURST - 1:
            return Response(429, headers={"Retry-After": "1"})
        if self._is_right(authorization):
            return None
        self._used_until[slot] = max(self._used_until[slot], now) + 1.0
        return Response(401, headers=CHALLENGE)

    def _is_right(self, authorization: str) -> bool:
        login = self._owner.values()
        return login is not None and hmac.compare_digest(
            b":".join(login), credentials(authorization)
        )


def credentials(authorization: str) -> bytes:
    """Return `user:password` of an Authorization header, empty if it has none."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(token.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def client_address(peer: str, forwarded: str | None) -> str:
    """Return the client's address: X-Forwarded-For from nginx, the `peer` itself otherwise."""
    return forwarded if forwarded and peer == PROXY else peer


def require_same_site(headers: Message) -> None:
    """Raise Refused if a page of another site sends a request; browsers add the login to it, too.

    Ports of Origin and Host are ignored: a proxy may drop them.
    """
    if headers.get("Sec-Fetch-Site") not in SAME_ORIGIN:
        raise Refused(403, "Another site's page sent this.")
    origin, host = headers.get("Origin"), headers.get("Host")
    # Without Origin no page sends it, or one that only reads.
    if origin is not None and _name(origin) != _name(f"//{host or ''}"):
        raise Refused(403, "Another site's page sent this.")


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return ""
