"""Let Home Assistant's bans end after an hour, and let it never ban the gateway itself.

Home Assistant bans an address for ever after ten wrong logins. A family's phone with an old
password would be locked out until somebody edits a file, and so would everybody if any program on
the host, whose address hems has, or a visitor through nginx were banned. ip_bans.yaml gets the bans
that are in force, at most once in ten minutes, because many addresses that are banned all the time
would wear out the card. volume_repairs.py removes those that have ended before a start.
hems counts who is refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import changed_modules
import refused_logins

MODULE = "homeassistant.components.http.ban"
# hems and whatever Docker forwards (.1), nginx (.4), and this container.
OWN_ADDRESSES = frozenset({"172.18.4.1", "172.18.4.4", "127.0.0.1", "::1"})
BANNED = timedelta(hours=1)
UNSAVED = timedelta(minutes=10)  # bans of so long may be missing in the file
Handler = Callable[[Any], Awaitable[Any]]


def install() -> None:
    """Change Home Assistant's module as soon as it is imported."""
    changed_modules.when_imported(MODULE, change)


def forget_old(bans: dict[Any, Any], failures: dict[Any, int], now: datetime) -> None:
    """Remove the bans that have ended; the address begins again without failures."""
    for address in [one for one, ban in bans.items() if abs(now - ban.banned_at) >= BANNED]:
        del bans[address]
        failures.pop(address, None)


def text(bans: dict[Any, Any]) -> str:
    """Return ip_bans.yaml with these bans."""
    return "".join(
        f"'{address}':\n  banned_at: '{ban.banned_at.isoformat()}'\n"
        for address, ban in bans.items()
    )


def save(manager: Any, ban: Any) -> None:
    """Write ip_bans.yaml, unless that was done in the last minutes."""
    saved_at = getattr(manager, "saved_at", None)
    if saved_at is None or abs(ban.banned_at - saved_at) >= UNSAVED:
        manager.saved_at = ban.banned_at
        Path(manager.path).write_text(text(manager.ip_bans_lookup), encoding="utf-8")


def change(module: Any) -> None:
    """Give the module another middleware and another way to add a ban; tell of refused logins."""
    manager, middleware = module.IpBanManager, module.ban_middleware
    add, process_wrong_login = manager.async_add_ban, module.process_wrong_login

    async def ban_middleware(request: Any, handler: Handler) -> Any:
        known = request.app.get(module.KEY_BAN_MANAGER)
        if known is not None:
            failures = request.app[module.KEY_FAILED_LOGIN_ATTEMPTS]
            bans = known.ip_bans_lookup
            forget_old(bans, failures, module.dt_util.utcnow())
            if bans and module.ip_address(request.remote) in bans:
                refused_logins.tell(request.remote)
        return await middleware(request, handler)

    async def tell_and_process(request: Any) -> None:
        refused_logins.tell(request.remote)
        await process_wrong_login(request)

    async def async_add_ban(self: Any, address: Any) -> None:
        if str(address) not in OWN_ADDRESSES:
            await add(self, address)

    module.ban_middleware = module.middleware(ban_middleware)
    module.process_wrong_login = tell_and_process
    manager.async_add_ban = async_add_ban
    manager._add_ban = save  # noqa: SLF001
