"""Have Home Assistant check the configuration on its disk: POST /api/config/core/check_config.

The editor logs in as the owner, with the login that its visitors have, and ends the session after
the check: no token is stored anywhere. Home Assistant counts wrong logins, so a login that was
refused is not sent again until CONFIG_PASSWORD changes.

POST /auth/login_flow          {client_id, handler, redirect_uri} -> {flow_id}
POST /auth/login_flow/FLOW     {client_id, username, password} -> {type: create_entry, result: code}
POST /auth/token               code -> access_token, refresh_token
POST /auth/revoke              refresh_token
"""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from http_messages import Refused
from login import OwnerLogin

ADDRESS = ("172.18.4.2", 8123)  # Home Assistant's in docker-compose.yml
CLIENT = "http://configurator.local/"  # names the session in the owner's profile
LOGIN_S = 5.0
CHECK_S = 35.0  # with the login and the end of the session less than the 60 s that nginx waits
MAX_RESPONSE = 1_000_000  # bytes
REFUSED_LOGIN = (
    "Home Assistant refuses CONFIG_USER and CONFIG_PASSWORD: it has another password, or asks for "
    "a second factor. The check needs the login of an administrator."
)


class Outcome(NamedTuple):
    """`result` is valid, warning, invalid or unknown; `message` says more, empty if valid."""

    result: str
    message: str


class Unknown(Exception):
    """Home Assistant did not check, for this reason."""


class ConfigurationCheck:
    """Asks the Home Assistant at `address` (host, port), one check at a time."""

    def __init__(self, owner: OwnerLogin, address: tuple[str, int] = ADDRESS) -> None:
        self._owner = owner
        self._address = address
        self._lock = threading.Lock()
        self._refused = b""  # digest of the login that Home Assistant has refused

    def outcome(self) -> Outcome:
        """Return what Home Assistant says. Raises Refused while another check runs."""
        if not self._lock.acquire(blocking=False):
            raise Refused(409, "Another check is running.")
        try:
            return self._checked()
        except Unknown as error:
            return Outcome("unknown", str(error))
        except (OSError, http.client.HTTPException):
            return Outcome("unknown", "Home Assistant does not answer.")
        except (ValueError, LookupError, TypeError, AttributeError):
            return Outcome("unknown", "Home Assistant's answer makes no sense.")
        finally:
            self._lock.release()

    def _checked(self) -> Outcome:
        tokens = self._tokens()
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        try:
            outcome = json.loads(
                self._request("/api/config/core/check_config", b"", bearer, CHECK_S)
            )
        finally:
            form = urlencode({"token": tokens["refresh_token"]}).encode()
            self._request("/auth/revoke", form, FORM)
        texts = [str(outcome.get(kind) or "") for kind in ("errors", "warnings")]
        message = "\n".join(filter(None, texts))
        if outcome["result"] != "valid":
            return Outcome("invalid", message)
        return Outcome("warning" if message else "valid", message)

    def _tokens(self) -> dict[str, Any]:
        login = self._owner.values()
        if login is None:
            raise Unknown("There is no CONFIG_PASSWORD yet.")
        digest = hashlib.sha256(b":".join(login)).digest()
        if digest == self._refused:
            raise Unknown(REFUSED_LOGIN)
        redirect = {"handler": ["homeassistant", None], "redirect_uri": CLIENT}
        flow = self._json("/auth/login_flow", redirect)
        user, password = (value.decode() for value in login)
        step = self._json(
            f"/auth/login_flow/{flow['flow_id']}", {"username": user, "password": password}
        )
        if step["type"] != "create_entry":
            self._refused = digest
            raise Unknown(REFUSED_LOGIN)
        form = {"grant_type": "authorization_code", "code": step["result"], "client_id": CLIENT}
        tokens: dict[str, Any] = json.loads(
            self._request("/auth/token", urlencode(form).encode(), FORM)
        )
        return tokens

    def _json(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        content = json.dumps({"client_id": CLIENT, **body}).encode()
        decoded: dict[str, Any] = json.loads(self._request(path, content, JSON))
        return decoded

    def _request(
        self, path: str, body: bytes, headers: dict[str, str], timeout_s: float = LOGIN_S
    ) -> bytes:
        connection = http.client.HTTPConnection(*self._address, timeout=timeout_s)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            content = response.read(MAX_RESPONSE)
        finally:
            connection.close()
        if response.status != 200:
            raise Unknown(f"Home Assistant answers {response.status}.")
        return content


JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
