"""Make the user of Home Assistant with which the worker telemetry reads, and nothing more.

The user is in Home Assistant's group of those who may read, and may log in from the local network
only. Nobody knows its password: the gateway uses it once, for the refresh token that the worker
gets in a file of its own. A token that Home Assistant refuses is replaced, with the user.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from loguru import logger

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.auth_api import HomeAssistant, LoginRefused
from hems.system import files
from hems.system.files import Access

NAME, USER_NAME = "SmartCORE telemetry", "smartcore-telemetry"
PERIOD_S = 3600.0  # between two checks of the token


class ReaderAccount:
    """The user, and its refresh token in `token_file`. `password` makes one that nobody knows."""

    def __init__(
        self,
        client: HomeAssistant,
        token_file: Path,
        access: Access,
        password: Callable[[], str],
    ) -> None:
        self._client = client
        self._token_file = token_file
        self._access = access
        self._password = password
        self._next_at = 0.0  # monotonic seconds

    def set_up(self, session: AdminSession, now: float) -> None:
        """Make the user if it is missing, or if its token is not valid any more."""
        token = (files.content(self._token_file) or b"").decode("ascii", "replace")
        if token and now < self._next_at:
            return
        users = [
            user for user in session.users() if user.username == USER_NAME or user.name == NAME
        ]
        has_login = any(user.username == USER_NAME for user in users)
        if not (token and has_login and self._is_valid(token)):
            for user in users:  # also one that this process had no time to give a login
                session.remove_user(user.id)
            self._make(session)
        self._next_at = now + PERIOD_S

    def _is_valid(self, token: str) -> bool:
        try:
            self._client.renewed(token)
        except LoginRefused:
            return False
        return True

    def _make(self, session: AdminSession) -> None:
        password = self._password()
        session.create_reader(NAME, USER_NAME, password)
        tokens = self._client.tokens(self._client.log_in(USER_NAME, password))
        files.replace(self._token_file, tokens.refresh_token.encode(), self._access)
        logger.info("made the user {} of Home Assistant, which may only read", NAME)
