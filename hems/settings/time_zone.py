"""Check the home's time zone. The tz database costs memory: only what uses the zone loads it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hems.settings import Settings
from hems.settings.home_assistant import PATTERNS, HomeAssistantSettings
from hems.settings.validation_problems import DEFAULT, SettingsProblem, shown

SECTION, NAME = "home_assistant", "time_zone"


def with_known_time_zone(settings: Settings, is_known: Callable[[str], bool]) -> Settings:
    """Return `settings` with the default in place of a zone that is not known, and the mistake."""
    zone = settings.home_assistant.time_zone
    if is_known(zone):
        return settings
    text = f"[{SECTION}] {NAME}: found {shown(zone)}, expected {PATTERNS[NAME][1]}"
    default = HomeAssistantSettings().time_zone
    return msgspec.structs.replace(
        settings,
        home_assistant=msgspec.structs.replace(settings.home_assistant, time_zone=default),
        problems=(*settings.problems, SettingsProblem(SECTION, text, DEFAULT, NAME)),
    )
