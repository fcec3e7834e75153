"""How we get into Home Assistant: by the refresh token that we keep, else by one login.

A login that was refused is never tried again: too many ban this gateway's address.
"""

from __future__ import annotations

from collections.abc import Callable

from loguru import logger

from hems.clients.homeassistant import HomeAssistant, Owner, Refused
from hems.clients.homeassistant_answers import Tokens
from hems.clients.homeassistant_session import Session
from hems.errors import Rejected
from hems.workers.provision.home_assistant.memory import Memory
from hems.workers.provision.restarts import digest

MARGIN_S = 300.0  # before an access token ends
REFUSED = (
    "its login is another than CONFIG_USER and CONFIG_PASSWORD, which are not sent again: set both"
    " to an administrator's without a second factor"
)


class Entrance:
    """Opens sessions; `login` returns user and password, or raises Unavailable."""

    def __init__(
        self, client: HomeAssistant, login: Callable[[], tuple[str, str]], memory: Memory
    ) -> None:
        self._client = client
        self._login = login
        self._memory = memory
        self._token = ""
        self._ends_at = 0.0  # monotonic seconds

    def create_owner(self, language: str, now: float) -> None:
        """Make the owner of a new Home Assistant."""
        user, password = self._login()
        self._memory.begin_anew()  # first: what is known of one before it would lock us out
        code = self._client.create_owner(Owner(user, password, language))
        logger.info("Home Assistant has its owner, {}", user)
        self._take(self._client.tokens(code), now)

    def session(self, now: float) -> Session:
        """Return a session at monotonic `now` (s). Raises Rejected if we are not let in."""
        if self._token and now < self._ends_at:
            try:
                return Session(self._client, self._token)
            except Refused:  # revoked, or NTP has set the clock by which it ends
                self._token = ""
        self._renew(now)
        return Session(self._client, self._token)

    def _renew(self, now: float) -> None:
        """Get a new access token; a refresh token that somebody has revoked is forgotten."""
        if kept := self._memory.record.refresh_token:
            try:
                self._take(self._client.renewed(kept), now)
            except Refused:
                logger.warning("Home Assistant has revoked our token; logging in")
                self._memory.note(refresh_token="")
        if not self._memory.record.refresh_token:
            self._log_in(now)

    def _log_in(self, now: float) -> None:
        user, password = self._login()
        login = digest([user.encode(), password.encode()])
        if login == self._memory.record.refused:
            raise Rejected(REFUSED)
        try:
            code = self._client.log_in(user, password)
        except Refused:
            self._memory.note(refused=login)
            raise Rejected(REFUSED) from None
        self._take(self._client.tokens(code), now)

    def _take(self, tokens: Tokens, now: float) -> None:
        self._token, self._ends_at = tokens.access_token, now + tokens.expires_in - MARGIN_S
        if tokens.refresh_token:
            self._memory.note(refresh_token=tokens.refresh_token, refused="")
