"""Limit how many logins wait in Home Assistant for their next step.

Home Assistant keeps each login that somebody has begun until it succeeds or is cancelled: for ever,
and before anybody has a password. Above the limit the oldest one ends of the address that has most,
so a stranger ends his own. Whoever goes on with a login that has ended begins again.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import changed_modules

MODULE = "homeassistant.auth"
MOST = 100


def install() -> None:
    """Change Home Assistant's module as soon as it is imported."""
    changed_modules.when_imported(MODULE, change)


def end_one(manager: Any) -> None:
    """Make room for one more login."""
    waiting = manager.async_progress(include_uninitialized=True)  # the oldest one first
    if len(waiting) >= MOST:
        addresses = [login["context"].get("ip_address") for login in waiting]
        [(most, _)] = Counter(addresses).most_common(1)
        manager.async_abort(waiting[addresses.index(most)]["flow_id"])


def change(module: Any) -> None:
    """Make room before each new login."""
    manager = module.AuthManagerFlowManager
    create = manager.async_create_flow

    async def async_create_flow(self: Any, *arguments: Any, **named: Any) -> Any:
        end_one(self)
        return await create(self, *arguments, **named)

    manager.async_create_flow = async_create_flow
