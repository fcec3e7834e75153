"""What a session of an administrator may ask of Home Assistant's pages: lovelace/…, frontend/…."""

from __future__ import annotations

from typing import Any

from hems.clients.home_assistant.command_base import SessionCommands
from hems.clients.home_assistant.responses import ListedDashboard, StoredSettings

SHARED = "core"


class PageCommands(SessionCommands):
    """A part of AdminSession; raises what it raises."""

    def dashboards(self) -> frozenset[str]:
        """Return the URL paths of the dashboards besides the default one."""
        dashboards = self._socket.command(tuple[ListedDashboard, ...], "lovelace/dashboards/list")
        return frozenset(dashboard.url_path for dashboard in dashboards)

    def shared_settings(self) -> dict[str, object]:
        """Return the settings of the pages that count for all users who have chosen no other."""
        command = "frontend/get_system_data"
        return self._socket.command(StoredSettings, command, key=SHARED).value or {}

    def share_settings(self, settings: dict[str, object]) -> None:
        """Set the settings of the pages for all users who have chosen no other."""
        self._socket.command(object, "frontend/set_system_data", key=SHARED, value=settings)

    def create_dashboard(
        self, path: str, title: str, icon: str, *, is_for_administrators: bool
    ) -> None:
        """Create an empty dashboard in the side bar of everybody who may see it."""
        self._socket.command(
            object,
            "lovelace/dashboards/create",
            url_path=path,
            title=title,
            icon=icon,
            mode="storage",
            allow_single_word=True,
            require_admin=is_for_administrators,
        )

    def content(self, path: str) -> object | None:
        """Return the content of the dashboard at `path`; None if it was never saved."""
        return self._get("lovelace/config", "config_not_found", url_path=path)

    def save_dashboard(self, path: str, content: dict[str, Any]) -> None:
        """Set the content of the dashboard at `path`; protocols/home_assistant has its form."""
        self._socket.command(object, "lovelace/config/save", url_path=path, config=content)
