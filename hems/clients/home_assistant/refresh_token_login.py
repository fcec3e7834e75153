"""Open sessions of Home Assistant with a refresh token that provision has made.

Home Assistant counts a refused token as a failed login and bans an address after several. So a
refused one is never sent again: provision makes another.
"""

from __future__ import annotations

from collections.abc import Callable

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.auth_api import HomeAssistant, LoginRefused
from hems.errors import Rejected, Unavailable

MARGIN_S = 300.0  # before the end of an access token
NO_TOKEN = "the worker provision has not set up Home Assistant yet"  # noqa: S105 - no secret
REFUSED = "Home Assistant refuses the token; the worker provision makes another"


class RefreshTokenLogin:
    """Opens sessions; `refresh_token` returns the newest refresh token, empty without one."""

    def __init__(self, client: HomeAssistant, refresh_token: Callable[[], str]) -> None:
        self._client = client
        self._newest = refresh_token
        self._refresh_token = ""
        self._refused = ""
        self._token = ""
        self._ends_at = 0.0  # monotonic seconds

    def session(self, now: float, check: Callable[[], None] | None = None) -> AdminSession:
        """Return a session at monotonic `now` (s).

        It calls `check` before each question, which may raise HemsError. Raises Unavailable without
        a token, Rejected if the token was refused.
        """
        refresh_token = self._newest()
        if not refresh_token:
            raise Unavailable(NO_TOKEN)
        if refresh_token == self._refused:
            raise Rejected(REFUSED)
        if refresh_token != self._refresh_token or now >= self._ends_at:
            self._renew(refresh_token, now)
        try:
            return AdminSession(self._client, self._token, check)
        except LoginRefused:  # it was revoked, or it ended because NTP set the clock
            self._refresh_token = ""
            raise

    def _renew(self, refresh_token: str, now: float) -> None:
        try:
            tokens = self._client.renewed(refresh_token)
        except LoginRefused:
            self._refused = refresh_token
            raise Rejected(REFUSED) from None
        self._refresh_token, self._token = refresh_token, tokens.access_token
        self._ends_at = now + tokens.expires_in - MARGIN_S
