"""The fake Home Assistant's accounts: users, codes, tokens, and the ban after failed logins."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

BAN_AFTER = 10  # http: login_attempts_threshold
Answer = tuple[int, object]


@dataclass
class Accounts:
    """Codes and tokens begin with "secret", so that a test can search logs for them."""

    users: dict[str, str] = field(default_factory=dict)
    is_admin: bool = True
    has_second_factor: bool = False
    failures: int = 0
    _codes: set[str] = field(default_factory=set)
    _refresh: set[str] = field(default_factory=set)
    _access: dict[str, str] = field(default_factory=dict)  # to the refresh token it comes from
    _numbers: itertools.count[int] = field(default_factory=itertools.count, compare=False)

    @property
    def is_banned(self) -> bool:
        return self.failures >= BAN_AFTER

    def may(self, access_token: str) -> bool:
        """Return whether the token is valid; an invalid one counts as a failed login."""
        is_good = self._access.get(access_token) in self._refresh
        self.failures = 0 if is_good else self.failures + 1
        return is_good

    def revoke(self) -> None:
        """End all sessions, as the button in a user's profile does."""
        self._refresh.clear()

    def code(self) -> str:
        """Return a code that can be exchanged for tokens once."""
        code = f"secret-code-{next(self._numbers)}"
        self._codes.add(code)
        return code

    def login(self, path: str, order: dict[str, str]) -> Answer:
        """Answer /auth/login_flow[/FLOW], always with status 200."""
        form: dict[str, object] = {"type": "form", "flow_id": path.rsplit("/", 1)[1], "errors": {}}
        if path == "/auth/login_flow":
            return 200, form
        if self.users.get(order["username"]) != order["password"]:
            self.failures += 1
            return 200, form | {"errors": {"base": "invalid_auth"}}
        if self.has_second_factor:
            return 200, form | {"step_id": "mfa"}
        return 200, form | {"type": "create_entry", "result": self.code()}

    def token(self, order: dict[str, str]) -> Answer:
        """Answer /auth/token."""
        refresh = order.get("refresh_token", "")
        if order.get("code") in self._codes:
            self._codes.remove(order["code"])
            refresh = f"secret-refresh-{next(self._numbers)}"
            self._refresh.add(refresh)
        elif refresh not in self._refresh:
            self.failures += 1
            return 400, {"error": "invalid_grant"}
        access = f"secret-access-{next(self._numbers)}"
        self._access[access] = refresh
        made = {"refresh_token": refresh} if "code" in order else {}
        return 200, made | {"access_token": access, "expires_in": 1800, "token_type": "Bearer"}
