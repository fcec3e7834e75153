"""wifi-connect: opens a Wi-Fi portal while nothing connects the gateway, and closes it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from loguru import logger

from hems.errors import HemsError, Unavailable
from hems.protocols.network_manager import Network
from hems.runtime import Context, Guarded, every
from hems.settings.wifi_connect import WifiConnect as Section
from hems.workers.wifi_connect.opening import Decision, Opening


class Manager(Protocol):
    """NetworkManager."""

    def look(self) -> Network: ...
    def forget_access_point(self, name: str) -> None: ...


class Portal(Protocol):
    """wifi-connect's program; see system/captive_portal.py."""

    ssid: str

    @property
    def is_open(self) -> bool: ...
    def open(self, interface: str) -> None: ...
    def end(self) -> str | None: ...
    def close(self) -> None: ...
    def has_stations(self, interface: str) -> bool: ...


class WifiConnect:
    """The worker. `beat` is told the monotonic time (s) after each look."""

    name = "wifi-connect"

    def __init__(
        self, settings: Section, manager: Manager, portal: Portal, beat: Callable[[float], object]
    ) -> None:
        self._settings = settings
        self._manager = manager
        self._portal = portal
        self._beat = beat

    def run(self, ctx: Context) -> None:
        """Look and act until told to stop; no portal is left then."""
        keeper = Keeper(self._settings, self._manager, self._portal, ctx.clock.monotonic())
        guarded = Guarded(keeper)
        ctx.notify.ready()
        for _ in every(self._settings.period_s, ctx):
            guarded.step(ctx.clock.monotonic())
            ctx.notify.status(guarded.trouble or keeper.reason)
            self._beat(ctx.clock.monotonic())
        ctx.notify.stopping()
        if self._portal.is_open:
            self._portal.close()


class Keeper:
    """Makes the portal what was decided; `reason` says why it is so."""

    name = "the portal"

    def __init__(self, settings: Section, manager: Manager, portal: Portal, now: float) -> None:
        self.reason = ""
        self._manager = manager
        self._portal = portal
        self._opening = Opening(settings, portal.ssid, now)
        self._interface = ""
        self._leftover = Guarded(Leftover(manager, portal.ssid))
        self._is_clean = False  # no access point of ours is left in NetworkManager

    def step(self, now: float) -> None:
        """Look, decide, change the difference. Raises HemsError."""
        try:
            network = self._manager.look()
        except HemsError:
            self._opening.postpone(now)
            raise
        self._note_end(now)
        self._clean(now)
        decision = self._opening.decide(network, now, is_used=self._is_used())
        if decision.interface and not self._portal.is_open:
            decision = self._open(decision, now)
        elif not decision.interface and self._portal.is_open:
            self._close(now)
        self._tell(decision)

    def _note_end(self, now: float) -> None:
        why = self._portal.end() if self._portal.is_open else None
        if why is None:
            return
        if why:
            logger.warning("the portal failed: {}", why)
        else:
            logger.info("the portal has connected the gateway")
        self._opening.ended(now, is_failure=bool(why))
        self._close(now)

    def _clean(self, now: float) -> None:
        """Delete what is left; that this fails is no reason to open no portal."""
        if not self._is_clean and not self._portal.is_open:
            self._leftover.step(now)
            self._is_clean = not self._leftover.trouble

    def _is_used(self) -> bool:
        """Tell whether somebody uses the portal; not to know is no reason to close it."""
        if not self._portal.is_open:
            return False
        try:
            return self._portal.has_stations(self._interface)
        except Unavailable:
            return True

    def _open(self, decision: Decision, now: float) -> Decision:
        """Open the portal as decided and return what has come of it."""
        self._interface = decision.interface
        self._is_clean = False
        try:
            self._portal.open(self._interface)
        except Unavailable as error:
            self._opening.ended(now, is_failure=True)
            return Decision("", f"the portal cannot be opened: {error}")
        return decision

    def _close(self, now: float) -> None:
        self._portal.close()
        self._clean(now)

    def _tell(self, decision: Decision) -> None:
        if decision.reason != self.reason:
            self.reason = decision.reason
            logger.info(self.reason)


class Leftover:
    """What a portal that was killed, now or before our start, has left in NetworkManager."""

    name = "what a portal has left"

    def __init__(self, manager: Manager, ssid: str) -> None:
        self._manager = manager
        self._ssid = ssid

    def step(self, _now: float) -> None:
        """Delete it. Raises HemsError."""
        self._manager.forget_access_point(self._ssid)
