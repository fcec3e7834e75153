"""Home Assistant's owner, made before Home Assistant opens its port.

Without an owner, Home Assistant lets the first visitor who asks become one: whoever is quicker than
the gateway's set-up would own the home. So a new volume first gets a store that says that this step
of the onboarding is done, which closes it for everybody; then Home Assistant's own code makes the
owner with the gateway's login. A start without either, after a power cut, goes on where it was.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from default_files import replace

ONBOARDING, USERS = ".storage/onboarding", ".storage/auth"
EMPTY = {"version": 4, "minor_version": 1, "key": "onboarding", "data": {"done": []}}
STEP = "user"
LOOK_S = 0.2
Login = tuple[str, str]


def exists(volume: Path) -> bool:
    """Return whether Home Assistant has a user who is its owner."""
    users = _data(volume / USERS).get("users")
    return isinstance(users, list) and any(
        isinstance(user, dict) and user.get("is_owner") for user in users
    )


def close_onboarding(volume: Path) -> None:
    """Let nobody become the owner over the network. Raises OSError."""
    done = _data(volume / ONBOARDING).get("done")
    steps = done if isinstance(done, list) else []
    if STEP not in steps:
        store = EMPTY | {"data": {"done": [*steps, STEP]}}
        replace(volume / ONBOARDING, json.dumps(store, indent=2).encode(), 0o600)


def login(secrets: Path, wait_s: float, sleep: Callable[[float], None] = time.sleep) -> Login:
    """Return the login that hems keeps in `secrets`; hems makes it at its very first start.

    Raises TimeoutError if there is none within `wait_s` (s).
    """
    paths = [secrets / name for name in ("CONFIG_USER", "CONFIG_PASSWORD", "INFLUX_TOKEN")]
    for _ in range(int(wait_s / LOOK_S) + 1):
        if all(path.exists() for path in paths):  # hems renames a file that is complete
            user, password = (path.read_text(encoding="utf-8") for path in paths[:2])
            return user, password
        sleep(LOOK_S)
    raise TimeoutError(f"hems has made no login in {secrets} within {wait_s:g} s")


def create(volume: Path, of: Login) -> None:
    """Make the owner in the stores on `volume`, with Home Assistant's own code."""
    asyncio.run(_create(volume, *of))


async def _create(volume: Path, user: str, password: str) -> None:
    # Imported here, because that takes seconds, and only a new volume needs it.
    from homeassistant.auth import auth_manager_from_config  # noqa: PLC0415
    from homeassistant.auth.const import GROUP_ID_ADMIN  # noqa: PLC0415
    from homeassistant.auth.providers.homeassistant import (  # noqa: PLC0415
        async_get_provider,
    )
    from homeassistant.config_entries import ConfigEntries  # noqa: PLC0415
    from homeassistant.core import HomeAssistant  # noqa: PLC0415
    from homeassistant.helpers import device_registry, entity_registry  # noqa: PLC0415

    hass = HomeAssistant(str(volume))
    hass.config_entries = ConfigEntries(hass, {})
    await hass.config_entries.async_initialize()  # the registries wait for it
    device_registry.async_setup(hass)
    await asyncio.gather(device_registry.async_load(hass), entity_registry.async_load(hass))
    hass.auth = await auth_manager_from_config(hass, [{"type": "homeassistant"}], [])
    provider = async_get_provider(hass)
    await provider.async_initialize()
    if any(one["username"] == user for one in provider.data.users):  # an interrupted start
        provider.data.change_password(user, password)
        await provider.data.async_save()
    else:
        await provider.async_add_auth(user, password)
    credentials = await provider.async_get_or_create_credentials({"username": user})
    person = await hass.auth.async_create_user(user, group_ids=[GROUP_ID_ADMIN])
    await hass.auth.async_link_user(person, credentials)
    await hass.async_stop(force=True)  # writes the stores


def _data(path: Path) -> dict[str, Any]:
    """Return the data of a store, empty if it is missing or spoilt."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    data = document.get("data") if isinstance(document, dict) else None
    return data if isinstance(data, dict) else {}
