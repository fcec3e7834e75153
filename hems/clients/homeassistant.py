"""Home Assistant's HTTP API before somebody is logged in: onboarding, the login and tokens.

GET  /api/onboarding               [{step, done}]; 404 from the restart after the last one
POST /api/onboarding/users         makes the owner, once -> auth_code
POST /auth/login_flow[/FLOW]       a user's login; a wrong password is answered with 200
POST /auth/token                   code or refresh token -> access token, for 30 minutes
After a number of wrong logins, or requests with a wrong token, Home Assistant bans the address
(http: ip_ban_enabled), and answers everything with 403.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec

from hems.clients import homeassistant_answers as answers
from hems.clients.homeassistant_answers import AuthCode, FlowStep, OnboardingStep, Tokens
from hems.clients.http_exchange import exchange
from hems.clients.json_body import message
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable

CLIENT = "http://hems.local/"  # how the owner's profile names our login: any URL will do
REDIRECT = f"{CLIENT}?auth_callback=1"
SHOWN = 200  # characters of an error's message
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class Refused(Rejected):
    """The login or the token is not, or is no longer, one that it takes."""


@dataclass(frozen=True)
class Owner:
    """Who is made first; `language` is that of the rooms' names."""

    user: str
    password: str = field(repr=False)
    language: str


class HomeAssistant:
    """Home Assistant at `address`; an answer may take `timeout_s`.

    Every method raises Unavailable without a good answer in time, Rejected when it refuses, and
    ProtocolError when the answer makes no sense. No message shows a secret.
    """

    def __init__(self, address: tuple[str, int], timeout_s: float) -> None:
        self.address = address
        self.timeout_s = timeout_s

    def onboarding(self) -> frozenset[str]:
        """Return the steps of the onboarding that are not done."""
        status, body = self._answer("GET /api/onboarding", b"", {})
        if status == 404:
            return frozenset()
        content = _good("GET /api/onboarding", status, body)
        steps = answers.decoded(content, tuple[OnboardingStep, ...], "GET /api/onboarding")
        return frozenset(one.step for one in steps if not one.done)

    def create_owner(self, owner: Owner) -> str:
        """Make the first user and return a code for tokens."""
        order = {"name": owner.user, "username": owner.user, "password": owner.password}
        order |= {"language": owner.language, "client_id": CLIENT}
        what = "POST /api/onboarding/users"
        return answers.decoded(self.ask(what, order), AuthCode, what).auth_code

    def log_in(self, user: str, password: str) -> str:
        """Return a code for tokens. Raises Refused when `password` is not the user's."""
        what = "POST /auth/login_flow"
        order = {"client_id": CLIENT, "handler": ["homeassistant", None], "redirect_uri": REDIRECT}
        flow = answers.decoded(self.ask(what, order), FlowStep, what)
        login = {"client_id": CLIENT, "username": user, "password": password}
        try:
            body = self.ask(f"{what}/{flow.flow_id}", login)
        except Rejected as error:  # it counts as a wrong login as well
            raise Refused(str(error)) from None
        step = answers.decoded(body, FlowStep, what)
        if step.type != "create_entry":  # a wrong password, or a second factor is asked for
            raise Refused(f"the login is refused: {step.trouble or 'it asks for a second factor'}")
        return answers.decoded(bytes(step.result), str, what)

    def tokens(self, code: str) -> Tokens:
        """Return the tokens for a code, which is good once and for ten minutes."""
        return self._tokens({"grant_type": "authorization_code", "code": code})

    def renewed(self, refresh_token: str) -> Tokens:
        """Return a new access token. Raises Refused when the refresh token was revoked."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def ask(self, what: str, order: object, token: str = "") -> bytes:
        """Return the body of a good answer to `what`, a method and a path, with JSON."""
        headers = {"Content-Type": JSON} | ({"Authorization": f"Bearer {token}"} if token else {})
        return _good(what, *self._answer(what, msgspec.json.encode(order), headers))

    def _tokens(self, order: dict[str, str]) -> Tokens:
        body = urlencode(order | {"client_id": CLIENT}).encode()
        what = "POST /auth/token"
        status, content = self._answer(what, body, {"Content-Type": FORM})
        if status == 400:  # RFC 6749, section 5.2: of no use, or of no use any more
            raise Refused(f"{what}: 400, what we have is not taken")
        return answers.decoded(_good(what, status, content), Tokens, what)

    def _answer(self, what: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            return exchange(self.address, what, headers, body, self.timeout_s)
        except (Unavailable, ProtocolError) as error:
            raise type(error)(f"{what}: {error}") from None


def _good(what: str, status: int, body: bytes) -> bytes:
    if not 200 <= status < 300:
        raise _refusal(what, status, body)
    return body


def _refusal(what: str, status: int, body: bytes) -> HemsError:
    said = f"{what}: {status}: {message(body)[:SHOWN]}"
    if status == 401:
        return Refused(said)
    if status == 403:
        return Rejected(f"{said} (is this gateway in ip_bans.yaml?)")
    if status == 404:  # it is still starting, or has forgotten a flow: the next look will tell
        return Unavailable(said)
    return Rejected(said) if 400 <= status < 500 else Unavailable(said)
