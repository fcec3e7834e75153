"""Log in to Home Assistant: with the kept refresh token, else with one login.

A refused login is never sent again: after several, Home Assistant bans the gateway's address.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.auth_api import HomeAssistant, LoginRefused
from hems.clients.home_assistant.refresh_token_login import MARGIN_S, RefreshTokenLogin
from hems.clients.home_assistant.responses import Tokens
from hems.errors import Rejected
from hems.workers.provision.home_assistant.setup_record import (
    HomeAssistantSetupRecord,
    SetupRecordFile,
)
from hems.workers.provision.provision_record import digest

REFUSED = (
    "it refused CONFIG_USER and CONFIG_PASSWORD, which are not sent again: set both to the login"
    " of an administrator without a second factor"
)


def kept_login(client: HomeAssistant, path: Path) -> Callable[[], AdminSession]:
    """Return what opens sessions with the refresh token that is kept in the record at `path`."""

    def kept() -> str:
        return SetupRecordFile(path, HomeAssistantSetupRecord()).record.refresh_token

    login = RefreshTokenLogin(client, kept)
    return lambda: login.session(time.monotonic())


class AdminLogin:
    """Opens sessions; `login` returns user and password, or raises Unavailable."""

    def __init__(
        self,
        client: HomeAssistant,
        login: Callable[[], tuple[str, str]],
        record: SetupRecordFile,
    ) -> None:
        self._client = client
        self._login = login
        self._record = record
        self._token = ""
        self._ends_at = 0.0  # monotonic seconds

    def forget(self) -> None:
        """Forget an earlier Home Assistant: a refused login there would lock us out of this one."""
        self._token = ""
        self._record.save(HomeAssistantSetupRecord())

    def session(self, now: float) -> AdminSession:
        """Return a session at monotonic `now` (s). Raises Rejected if the login was refused."""
        if self._token and now < self._ends_at:
            try:
                return AdminSession(self._client, self._token)
            except LoginRefused:  # it was revoked, or it ended because NTP set the clock
                self._token = ""
        self._renew(now)
        return AdminSession(self._client, self._token)

    def _renew(self, now: float) -> None:
        """Get a new access token; forget a refresh token that was revoked."""
        if refresh_token := self._record.record.refresh_token:
            try:
                self._keep(self._client.renewed(refresh_token), now)
            except LoginRefused:
                logger.warning("Home Assistant has revoked the gateway's token; logging in")
                self._record.update(refresh_token="")
        if not self._record.record.refresh_token:
            self._log_in(now)

    def _log_in(self, now: float) -> None:
        user, password = self._login()
        login = digest([user.encode(), password.encode()])
        if login == self._record.record.refused:
            raise Rejected(REFUSED)
        try:
            code = self._client.log_in(user, password)
        except LoginRefused:
            self._record.update(refused=login)
            raise Rejected(REFUSED) from None
        self._keep(self._client.tokens(code), now)

    def _keep(self, tokens: Tokens, now: float) -> None:
        self._token, self._ends_at = tokens.access_token, now + tokens.expires_in - MARGIN_S
        if tokens.refresh_token:
            self._record.update(refresh_token=tokens.refresh_token, refused="")
