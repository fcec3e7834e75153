"""The client of Home Assistant's HTTP API for what needs no session: onboarding, login, tokens.

GET  /api/onboarding               [{step, done}]; 404 once all are done and it has restarted
POST /auth/login_flow[/FLOW]       a user's login; a wrong password is answered with 200
POST /auth/token                   code or refresh token -> access token, valid for 30 minutes
After a number of wrong logins, or requests with a wrong token, Home Assistant bans the address
(http: ip_ban_enabled) and answers every request with 403.
"""

from __future__ import annotations

from hems.clients.home_assistant.responses import (
    FlowStep,
    OnboardingStep,
    Tokens,
    UploadedFile,
)
from hems.clients.http import HttpClient, HttpResponse
from hems.errors import HemsError, Rejected, Unavailable
from hems.protocols.json_decoding import decode_json

CLIENT = "http://hems.local/"  # names our login in the owner's profile: any URL is accepted
REDIRECT = f"{CLIENT}?auth_callback=1"
PEER = "Home Assistant"


class LoginRefused(Rejected):
    """The login or the token is not valid, or no longer."""


class HomeAssistant:
    """Home Assistant at `address` (host, port); each response may take `timeout_s`.

    Every method raises Unavailable without a good response in time, Rejected when Home
    Assistant refuses, and ProtocolError when the response makes no sense. No message shows a
    secret.
    """

    def __init__(self, address: tuple[str, int], timeout_s: float) -> None:
        self.address = address
        self.timeout_s = timeout_s
        self._http = HttpClient(PEER, address)

    def onboarding(self) -> frozenset[str]:
        """Return the steps of the onboarding that are not done."""
        path = "/api/onboarding"
        response = self._http.request("GET", path, self.timeout_s)
        if response.status == 404:
            return frozenset()
        body = _checked(response, f"GET {path}")
        steps = decode_json(body, tuple[OnboardingStep, ...], f"{PEER}, {path}")
        return frozenset(step.step for step in steps if not step.done)

    def log_in(self, user: str, password: str) -> str:
        """Return a code for `tokens`. Raises LoginRefused when the password is wrong."""
        path = "/auth/login_flow"
        order = {"client_id": CLIENT, "handler": ["homeassistant", None], "redirect_uri": REDIRECT}
        flow = decode_json(self.request("POST", path, order), FlowStep, path)
        login = {"client_id": CLIENT, "username": user, "password": password}
        try:
            body = self.request("POST", f"{path}/{flow.flow_id}", login)
        except Rejected as error:  # Home Assistant counts this as a wrong login, too
            raise LoginRefused(str(error)) from None
        step = decode_json(body, FlowStep, path)
        if step.type != "create_entry":  # a wrong password, or a second factor is required
            reason = step.trouble or "a second factor is required"
            raise LoginRefused(f"the login is refused: {reason}")
        return decode_json(bytes(step.result), str, path)

    def tokens(self, code: str) -> Tokens:
        """Return the tokens for a code, which is valid once and for ten minutes."""
        return self._tokens({"grant_type": "authorization_code", "code": code})

    def renewed(self, refresh_token: str) -> Tokens:
        """Return a new access token. Raises LoginRefused when the refresh token was revoked."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def request(self, method: str, path: str, order: object, token: str = "") -> bytes:
        """Send `order` as JSON and return the body of a successful response."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = self._http.request(method, path, self.timeout_s, headers, json=order)
        return _checked(response, f"{method} {path}")

    def upload(self, name: str, content: bytes, token: str) -> str:
        """Upload a file for the form of a flow, and return its id."""
        path, headers = "/api/file_upload", {"Authorization": f"Bearer {token}"}
        files = {"file": (name, content)}
        response = self._http.request("POST", path, self.timeout_s, headers, files=files)
        return decode_json(_checked(response, f"POST {path}"), UploadedFile, path).file_id

    def _tokens(self, order: dict[str, str]) -> Tokens:
        path = "/auth/token"
        form = order | {"client_id": CLIENT}
        response = self._http.request("POST", path, self.timeout_s, data=form)
        if response.status == 400:  # RFC 6749, section 5.2: not valid, or no longer
            raise LoginRefused(f"{PEER}, POST {path}: 400, the code or token is not valid")
        return decode_json(_checked(response, f"POST {path}"), Tokens, path)


def _checked(response: HttpResponse, request: str) -> bytes:
    if not response.is_success:
        raise _refusal(response, f"{PEER}, {request}")
    return response.body


def _refusal(response: HttpResponse, request: str) -> HemsError:
    status = response.status
    message = f"{request}: {status}: {response.reason}"
    if status == 401:
        return LoginRefused(message)
    if status == 403:
        return Rejected(f"{message} (is this gateway in ip_bans.yaml?)")
    if status == 404:  # it is still starting or has dropped a flow: the next attempt may succeed
        return Unavailable(message)
    return Rejected(message) if 400 <= status < 500 else Unavailable(message)
