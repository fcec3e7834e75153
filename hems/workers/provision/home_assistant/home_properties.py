"""The home's properties in Home Assistant: name, place, time zone, currency, country, language.

Home Assistant gets them once, when it is new. In place of a wrong one it gets the default, and the
corrected value later if no person has chosen another.
"""

from __future__ import annotations

from contextlib import suppress

from hems.clients.home_assistant.admin_session import AdminSession
from hems.clients.home_assistant.websocket import CommandFailed
from hems.errors import Rejected
from hems.settings import Settings
from hems.settings.home_assistant import HomeAssistantSettings
from hems.workers.provision.home_assistant.setup_record import SetupRecordFile

SECTION = "home_assistant"
# Each setting, and its name in the command config/core/update.
SAME = ("latitude", "longitude", "elevation", "time_zone", "currency", "country", "language")
NAMES = {"location": "location_name", **dict(zip(SAME, SAME, strict=True))}
Property = str | float


class HomeProperties:
    """Gives Home Assistant the properties, and those that were corrected since."""

    def __init__(self, settings: Settings, record: SetupRecordFile) -> None:
        self._wanted = properties(settings.home_assistant)
        self._wrong = {one.name for one in settings.problems if one.part == SECTION} & NAMES.keys()
        self._record = record
        self._refused: set[str] = set()  # by Home Assistant, since this process has begun

    def give(self, session: AdminSession) -> None:
        """Give a new Home Assistant all properties."""
        try:
            session.set_home(**_fields(self._wanted), unit_system="metric")
        except CommandFailed:  # which one it refuses is only in its English message
            session.set_home(unit_system="metric")
            self._give_each(session)
        given = {name: self._wanted[name] for name in self._wrong}
        refused = {name: DEFAULTS[name] for name in self._refused}
        self._record.update(defaults=given | refused)

    def _give_each(self, session: AdminSession) -> None:
        for name in NAMES:
            if not self._is_taken(session, name):
                with suppress(CommandFailed):
                    session.set_home(**_fields({name: DEFAULTS[name]}))

    def set_up(self, session: AdminSession, _now: float) -> None:
        """Give corrected properties. Raises Rejected if Home Assistant refuses one."""
        defaults = self._record.record.defaults
        if corrected := defaults.keys() - self._wrong - self._refused:
            current = session.home()
            for name in sorted(corrected):
                is_default = current.get(NAMES[name]) == defaults[name]  # no person has changed it
                if is_default and not self._is_taken(session, name):
                    continue
                defaults = {one: default for one, default in defaults.items() if one != name}
            self._record.update(defaults=defaults)
        if refused := sorted(self._refused & defaults.keys()):
            values = ", ".join(f"{name} {self._wanted[name]!r}" for name in refused)
            raise Rejected(f"it refuses {values} and uses the default: correct the variable")

    def _is_taken(self, session: AdminSession, name: str) -> bool:
        """Give one property; return whether Home Assistant takes it."""
        try:
            session.set_home(**_fields({name: self._wanted[name]}))
        except CommandFailed:
            self._refused.add(name)
            return False
        return True


def properties(settings: HomeAssistantSettings) -> dict[str, Property]:
    """Return the settings that are properties of the home, by their names."""
    return {name: getattr(settings, name) for name in NAMES}


def _fields(values: dict[str, Property]) -> dict[str, Property]:
    return {NAMES[name]: value for name, value in values.items()}


DEFAULTS = properties(HomeAssistantSettings())
