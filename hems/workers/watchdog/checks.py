"""What the watchdog looks at: checks, each in its own catch, so that none hides another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from loguru import logger

from hems.clients.balena_answers import Application, Status
from hems.errors import HemsError


class Check(Protocol):
    """One thing to look at, and to repair."""

    name: str

    def step(self, now: float) -> None:
        """Look at monotonic `now` (s), and repair if it is time to. Raises HemsError."""


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


@dataclass
class Guarded:
    """A check whose errors are logged, when they begin, change and end."""

    check: Check
    trouble: str = ""

    def step(self, now: float) -> None:
        """Take one step. A bug still ends the worker."""
        trouble = ""
        try:
            self.check.step(now)
        except HemsError as error:
            trouble = str(error)
        if trouble and trouble != self.trouble:
            logger.warning("{}: {}; trying again", self.check.name, trouble)
        elif self.trouble and not trouble:
            logger.info("{}: works again", self.check.name)
        self.trouble = trouble
