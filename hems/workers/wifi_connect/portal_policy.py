"""Decide when the Wi-Fi portal is open: while nothing connects the gateway and a radio is free.

One radio cannot be an access point and search for networks at the same time. So while
NetworkManager knows a network, the portal closes from time to time, when nobody uses it, to let
NetworkManager try; after each try that fails, the portal stays open twice as long.

After a loss the portal opens for a limited time, and again after pauses that grow: whoever jams the
home's Wi-Fi has it for a short time only. A gateway that was never connected keeps it open.

A connection is a default route, with or without internet behind it: when only the provider is
down, another Wi-Fi would not help, and the home's network remains useful.

Ethernet counts only while it connects. A cable that is unplugged, or plugged into something that
gives no address, is a loss like any other. After the start a cable has as much time for an address
as after a loss: after a power cut the home's router often starts more slowly than the gateway.
All times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hems.backoff_and_rate_limits import Backoff
from hems.protocols.host.network_manager import Connectivity, NetworkDevice, NetworkState
from hems.settings.wifi_connect import WifiConnectSettings

ON_AIR_S = 180.0  # for the portal to go on the air; also while it tries what a person typed in


class PortalDecision(NamedTuple):
    """The interface on which the portal must be open (empty: closed), and the reason for people."""

    interface: str
    reason: str


class PortalPolicy:
    """Decides once a period; `ssid` is the portal's."""

    def __init__(self, settings: WifiConnectSettings, ssid: str, now: float) -> None:
        self._settings = settings
        self._ssid = ssid
        self._not_before = now + settings.grace_s
        self._cable_until = now + settings.lost_s  # until then a cable may wait for an address
        self._open: _OpenPortal | None = None
        self._stay = Backoff(settings.try_after_s, settings.try_after_max_s)
        self._pause = Backoff(settings.pause_s, settings.pause_max_s)
        self._until: float | None = None  # when the time ends for which it opens after a loss
        self._was_connected = False
        self._failure_pause = Backoff(settings.failure_pause_s, settings.failure_pause_max_s)

    def decide(self, network: NetworkState, now: float, *, is_used: bool) -> PortalDecision:
        """Return the decision at `now`; `is_used`: the portal is open and somebody is using it."""
        if network.uplink or network.connectivity is Connectivity.FULL:
            return self._connected(network, now)
        radio = self._free_radio(network.devices)
        obstacle = _obstacle(network.devices, radio)
        if obstacle:
            self._open = None
            return PortalDecision("", obstacle)
        if self._open is None:
            return self._decide_closed(network.devices, radio, now)
        if is_used:
            self._open.used_at = now
        if network.has_access_point(self._ssid):
            self._open.on_air_at = now
        return self._decide_open(self._open, network, radio, now)

    def postpone(self, now: float) -> None:
        """Record that NetworkManager did not answer: a known network gets its full time again."""
        self._not_before = max(self._not_before, now + self._settings.grace_s)

    def note_end(self, now: float, *, is_failure: bool) -> None:
        """Record that the portal has ended by itself: it failed, or connected the gateway."""
        self._open = None
        self._stay.reset()
        pause_s = self._failure_pause.fail() if is_failure else self._settings.try_s
        self._not_before = now + pause_s

    def _connected(self, network: NetworkState, now: float) -> PortalDecision:
        self._open = None
        self._stay.reset()
        self._failure_pause.reset()
        self._pause.reset()
        self._until, self._was_connected = None, True
        self._not_before = now + self._settings.lost_s
        uplink = f" through {network.uplink}" if network.uplink else ""
        connectivity = network.connectivity.name.lower()
        return PortalDecision("", f"connected{uplink}, internet: {connectivity}")

    def _free_radio(self, devices: Sequence[NetworkDevice]) -> str:
        """Return the first Wi-Fi interface without somebody else's access point."""
        for device in devices:
            if device.is_wifi and device.access_point in ("", self._ssid):
                return device.interface
        return ""

    def _decide_closed(
        self, devices: Sequence[NetworkDevice], radio: str, now: float
    ) -> PortalDecision:
        has_cable = any(device.has_carrier for device in devices)
        if now < self._not_before or (has_cable and now < self._cable_until):
            if self._failure_pause.failures:
                return PortalDecision("", "no connection; the portal failed and opens again later")
            return PortalDecision("", "no connection; the portal waits for a known network")
        self._open = _OpenPortal(now)
        if self._until is None:
            self._until = now + self._settings.open_s
        return PortalDecision(radio, self._open_reason(radio))

    def _decide_open(
        self, portal: _OpenPortal, network: NetworkState, radio: str, now: float
    ) -> PortalDecision:
        if now - portal.on_air_at > ON_AIR_S:
            self.note_end(now, is_failure=True)
            return PortalDecision("", "the portal is not on the air; it opens again later")
        if self._is_over(portal, network, now):
            self._open = self._until = None
            pause_s = self._pause.fail()
            self._not_before = now + pause_s
            return PortalDecision("", f"the portal is closed; it opens again in {pause_s:g} s")
        longest_s = self._settings.try_after_max_s
        if network.known_wifi and portal.is_due(now, self._stay.next_s, longest_s):
            self._open = None
            self._stay.fail()
            self._failure_pause.reset()
            self._not_before = now + self._settings.try_s
            names = ", ".join(network.known_wifi)
            return PortalDecision("", f"the portal is closed to try {names}")
        return PortalDecision(radio, self._open_reason(radio))

    def _is_over(self, portal: _OpenPortal, network: NetworkState, now: float) -> bool:
        """Return whether the time after a loss has ended; somebody may finish what he types."""
        if self._until is None or not (network.known_wifi or self._was_connected):
            return False
        is_used = portal.used_at == now and now - portal.since < self._settings.try_after_max_s
        return now >= self._until and not is_used

    def _open_reason(self, radio: str) -> str:
        return f"no connection; the portal is open as {self._ssid!r} on {radio}"


def _obstacle(devices: Sequence[NetworkDevice], radio: str) -> str:
    """Return why there must be no portal, however long there is no connection."""
    if not any(device.is_wifi for device in devices):
        return "no Wi-Fi device, so no portal"
    return "" if radio else "the radio serves a hotspot, which is left alone"


class _OpenPortal:
    """An open portal: since when, when it was last used, and when it was last on the air."""

    def __init__(self, now: float) -> None:
        self.since = self.used_at = self.on_air_at = now

    def is_due(self, now: float, unused_s: float, longest_s: float) -> bool:
        """Return whether to close it: unused for `unused_s`, or open for `longest_s`.

        The latter is for a phone that never disconnects.
        """
        return now - self.used_at >= unused_s or now - self.since >= longest_s
