"""What a session may ask of Home Assistant's energy dashboard: the commands energy/…."""

from __future__ import annotations

from typing import Any

from hems.clients.home_assistant.command_base import SessionCommands


class EnergyCommands(SessionCommands):
    """A part of AdminSession; raises what it raises."""

    def energy_preferences(self) -> object | None:
        """Return the preferences of the energy dashboard; None if it was never set up."""
        return self._get("energy/get_prefs", "not_found")

    def save_energy_preferences(self, preferences: dict[str, Any]) -> None:
        """Set up the energy dashboard; protocols/home_assistant has the form of `preferences`."""
        self._socket.command(object, "energy/save_prefs", **preferences)
