"""wifi-connect: open a Wi-Fi portal while nothing connects the gateway, and close it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from loguru import logger

from hems.errors import HemsError, Unavailable
from hems.protocols.host.network_manager import NetworkState, SavedWifi
from hems.settings.wifi_connect import WifiConnectSettings
from hems.worker_runtime import Context, GuardedStep, every
from hems.workers.wifi_connect.kept_networks import KeptNetworks, KeptNetworksFile
from hems.workers.wifi_connect.portal_policy import PortalDecision, PortalPolicy


class ConnectionManager(Protocol):
    """NetworkManager: see hems.system.network.network_manager."""

    def state(self) -> NetworkState: ...
    def forget_access_point(self, name: str) -> None: ...
    def wifi_profiles(self) -> tuple[SavedWifi, ...]: ...
    def restore(self, kept: tuple[SavedWifi, ...]) -> dict[SavedWifi, str]: ...


class Portal(Protocol):
    """The program wifi-connect: see hems.system.network.captive_portal."""

    ssid: str

    @property
    def is_open(self) -> bool: ...
    def open(self, interface: str) -> None: ...
    def end(self) -> str | None: ...
    def close(self) -> None: ...
    def has_stations(self, interface: str) -> bool: ...


class WifiConnect:
    """The worker. It calls `beat` with the monotonic time (s) after each round."""

    name = "wifi-connect"

    def __init__(
        self,
        settings: WifiConnectSettings,
        manager: ConnectionManager,
        portal: Portal,
        kept: KeptNetworksFile,
        beat: Callable[[float], object],
    ) -> None:
        self._settings = settings
        self._manager = manager
        self._portal = portal
        self._kept = kept
        self._beat = beat

    def run(self, ctx: Context) -> None:
        """Open and close the portal until a stop is requested; then close it."""
        now = ctx.clock.monotonic()
        keeper = PortalKeeper(self._settings, self._manager, self._portal, self._kept, now)
        guarded = GuardedStep(keeper)
        ctx.notify.ready()
        for _ in every(self._settings.period_s, ctx):
            guarded.step(ctx.clock.monotonic())
            ctx.notify.status(guarded.trouble or keeper.reason)
            self._beat(ctx.clock.monotonic())
        ctx.notify.stopping()
        if self._portal.is_open:
            self._portal.close()


class PortalKeeper:
    """Open and close the portal as decided; `reason` is the newest decision's."""

    name = "the portal"

    def __init__(
        self,
        settings: WifiConnectSettings,
        manager: ConnectionManager,
        portal: Portal,
        kept: KeptNetworksFile,
        now: float,
    ) -> None:
        self.reason = ""
        self._manager = manager
        self._portal = portal
        self._policy = PortalPolicy(settings, portal.ssid, now)
        self._interface = ""
        self._leftover = GuardedStep(LeftoverAccessPoint(manager, portal.ssid))
        self._kept = KeptNetworks(manager, kept, portal.ssid)
        self._try_s = settings.try_s
        self._is_clean = False  # NetworkManager has no access point of an earlier portal

    def step(self, now: float) -> None:
        """Read the network, decide, and change the portal if needed. Raises HemsError."""
        try:
            network = self._manager.state()
        except HemsError:
            self._policy.postpone(now)
            raise
        self._handle_end(now)
        if self._kept.step(network, now, is_portal_open=self._portal.is_open):
            return
        self._clean(now)
        decision = self._policy.decide(network, now, is_used=self._is_used())
        if decision.interface and not self._portal.is_open:
            decision = self._open(decision, now)
        elif not decision.interface and self._portal.is_open:
            self._close(now)
        self._log(decision)

    def _handle_end(self, now: float) -> None:
        failure = self._portal.end() if self._portal.is_open else None
        if failure is None:
            return
        if failure:
            logger.warning("the portal failed: {}", failure)
        else:
            logger.info("the portal has connected the gateway")
            self._kept.wait(now + self._try_s)
        self._policy.note_end(now, is_failure=bool(failure))
        self._close(now)

    def _clean(self, now: float) -> None:
        """Delete a leftover access point; if that fails, the portal may open all the same."""
        if not self._is_clean and not self._portal.is_open:
            self._leftover.step(now)
            self._is_clean = not self._leftover.trouble

    def _is_used(self) -> bool:
        """Return whether somebody uses the portal; if that is unknown, it stays open."""
        if not self._portal.is_open:
            return False
        try:
            return self._portal.has_stations(self._interface)
        except Unavailable:
            return True

    def _open(self, decision: PortalDecision, now: float) -> PortalDecision:
        """Open the portal as decided; return the decision, or its failure."""
        self._interface = decision.interface
        self._is_clean = False
        self._kept.keep()
        try:
            self._portal.open(self._interface)
        except Unavailable as error:
            self._policy.note_end(now, is_failure=True)
            return PortalDecision("", f"the portal cannot be opened: {error}")
        return decision

    def _close(self, now: float) -> None:
        self._portal.close()
        self._clean(now)

    def _log(self, decision: PortalDecision) -> None:
        if decision.reason != self.reason:
            self.reason = decision.reason
            logger.info(self.reason)


class LeftoverAccessPoint:
    """The access point in NetworkManager of a portal that was killed, now or before our start."""

    name = "a leftover access point"

    def __init__(self, manager: ConnectionManager, ssid: str) -> None:
        self._manager = manager
        self._ssid = ssid

    def step(self, _now: float) -> None:
        """Delete it. Raises HemsError."""
        self._manager.forget_access_point(self._ssid)
