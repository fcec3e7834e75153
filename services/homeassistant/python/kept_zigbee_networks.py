"""Let ZHA never take a stick's network away without a question.

Until a new Home Assistant's onboarding is complete, ZHA sets up a stick that it finds by itself,
and forms a network on it. A stick that carries the network of a home, of which the gateway was
replaced for example, would lose it before provision can set it up. So ZHA asks at any time.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import changed_modules

MODULE = "homeassistant.components.zha.config_flow"


def install() -> None:
    """Change Home Assistant's module as soon as it is imported."""
    changed_modules.when_imported(MODULE, change)


def change(module: Any) -> None:
    """Let the module, and no other, believe that the onboarding is complete."""
    module.onboarding = SimpleNamespace(async_is_onboarded=lambda _hass: True)
