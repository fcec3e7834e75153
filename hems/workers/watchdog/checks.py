"""What the watchdog's checks need: a Supervisor to repair with, and a journal."""

from __future__ import annotations

from typing import Protocol

from hems.clients.balena_answers import Application, Status


class Supervisor(Protocol):
    """What the checks need of balena's Supervisor; clients/balena.py says what is raised."""

    def status(self) -> Status: ...
    def application(self) -> Application: ...
    def is_vpn_connected(self) -> bool: ...
    def restart_service(self, name: str) -> None: ...
    def stop_service(self, name: str) -> None: ...
    def reboot(self) -> None: ...


class Journal(Protocol):
    """Where repairs are written down; it never fails."""

    def add(self, action: str, reason: str) -> None: ...
