"""Let ZHA never change a stick's network without a question.

Until a new Home Assistant's onboarding is complete, ZHA sets up a stick that it finds by itself,
and forms a network on it. A stick that carries the network of a home, of which the gateway was
replaced for example, would lose it before provision can set it up. So ZHA asks at any time.

When ZHA finds a blank stick in the place of the home's, it writes the home's network to it, address
and keys. If the home's own stick is still somewhere, there are two of them. So ZHA reports it as it
reports a stick of another network: with a repair, by which a person may choose just that.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import changed_modules

FLOW = "homeassistant.components.zha.config_flow"
APPLICATION = "zigpy.application"
ENTRY = "homeassistant.components.zha"
# hems knows this reason: protocols/home_assistant/zigbee_stick_finder.py
BLANK = "The stick is blank"


def install() -> None:
    """Change Home Assistant's modules as soon as they are imported."""
    changed_modules.when_imported(FLOW, ask_at_any_time)
    changed_modules.when_imported(APPLICATION, keep_blank)
    changed_modules.when_imported(ENTRY, name_blank)


def ask_at_any_time(module: Any) -> None:
    """Let the module, and no other, believe that the onboarding is complete."""
    module.onboarding = SimpleNamespace(async_is_onboarded=lambda _hass: True)


def keep_blank(module: Any) -> None:
    """Let a start with a blank stick fail if there is a backup of the home's network."""
    start = module.ControllerApplication.initialize
    errors = module.zigpy.exceptions

    async def initialize(app: Any, *, auto_form: bool = False) -> None:
        backup = app.backups.most_recent_backup()
        try:
            await start(app, auto_form=auto_form and backup is None)
        except errors.NetworkNotFormed as error:
            if not auto_form or backup is None:
                raise
            blank = app.backups.from_network_state()
            raise errors.NetworkSettingsInconsistent(
                BLANK, old_state=backup, new_state=blank
            ) from error

    module.ControllerApplication.initialize = initialize


def name_blank(module: Any) -> None:
    """Let the entry's reason say that the stick is blank, not that its settings differ."""
    warn = module.warn_on_inconsistent_network_settings

    async def warn_or_name(hass: Any, *, config_entry: Any, old_state: Any, new_state: Any) -> None:
        await warn(hass, config_entry=config_entry, old_state=old_state, new_state=new_state)
        if not new_state.is_complete():
            raise module.ConfigEntryError(BLANK)

    module.warn_on_inconsistent_network_settings = warn_or_name
