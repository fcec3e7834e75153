"""When the portal is open: while nothing connects the gateway, and only if a radio is free.

One radio cannot be an access point and look for networks. So while a network is known, the
portal closes now and then, when nobody uses it, to let NetworkManager try; the time it stays
open doubles with each try in vain.

A connection is what has the default route, with the internet behind it or not: when only the
provider is down, another Wi-Fi would not help, and the home's network goes on being used.

Ethernet counts as long as it connects. A cable that is pulled, or plugged into something that
gives no address, is a loss as any other. After the start it has as long for an address as after
a loss: after a power cut the home's router is often slower than we are.
All times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hems.protocols.network_manager import Connectivity, Device, Network
from hems.settings.wifi_connect import WifiConnect as Section

SETTLE_S = 180.0  # for the portal to be on the air; also while it tries what a person typed in


class Decision(NamedTuple):
    """Where the portal shall be open, empty for nowhere, and the reason for people."""

    interface: str
    reason: str


class Opening:
    """Decides from one look to the next; `ssid` is the portal's."""

    def __init__(self, settings: Section, ssid: str, now: float) -> None:
        self._settings = settings
        self._ssid = ssid
        self._not_before = now + settings.grace_s
        self._cable_until = now + settings.lost_s  # it has its time for an address, after the start
        self._open: _Open | None = None
        self._tries = 0  # in vain, in a row
        self._failures = 0  # of the portal itself, in a row

    def decide(self, network: Network, now: float, *, is_used: bool) -> Decision:
        """Return what shall be at `now`; `is_used`: the portal is open and somebody is with it."""
        if network.uplink or network.connectivity is Connectivity.FULL:
            return self._connected(network, now)
        radio = self._free_radio(network.devices)
        reason = _obstacle(network.devices, radio)
        if reason:
            self._open = None
            return Decision("", reason)
        if self._open is None:
            return self._closed(network.devices, radio, now)
        if is_used:
            self._open.used_at = now
        if any(one.access_point == self._ssid for one in network.devices):
            self._open.on_air_at = now
        return self._opened(self._open, network, radio, now)

    def postpone(self, now: float) -> None:
        """Note that nothing can be seen: a network that is known gets its time again then."""
        self._not_before = max(self._not_before, now + self._settings.grace_s)

    def ended(self, now: float, *, is_failure: bool) -> None:
        """Note that the portal has ended by itself: it failed, or connected the gateway."""
        self._open = None
        self._tries = 0
        self._not_before = now + (self._failure_pause_s() if is_failure else self._settings.try_s)

    def _connected(self, network: Network, now: float) -> Decision:
        self._open = None
        self._tries = self._failures = 0
        self._not_before = now + self._settings.lost_s
        through = f" through {network.uplink}" if network.uplink else ""
        return Decision("", f"connected{through}, internet: {network.connectivity.name.lower()}")

    def _free_radio(self, devices: Sequence[Device]) -> str:
        """Return the first Wi-Fi interface that serves no access point of somebody else's."""
        for one in devices:
            if one.is_wifi and one.access_point in ("", self._ssid):
                return one.interface
        return ""

    def _closed(self, devices: Sequence[Device], radio: str, now: float) -> Decision:
        has_cable = any(one.has_carrier for one in devices)
        if now < self._not_before or (has_cable and now < self._cable_until):
            if self._failures:
                return Decision("", "no connection; the portal failed and is opened again later")
            return Decision("", "no connection; a known network has its time before the portal")
        self._open = _Open(now)
        return Decision(radio, self._as_open(radio))

    def _opened(self, opened: _Open, network: Network, radio: str, now: float) -> Decision:
        if now - opened.on_air_at > SETTLE_S:
            self.ended(now, is_failure=True)
            return Decision("", "the portal is not on the air; it is opened again later")
        if network.known_wifi and opened.is_due(now, self._stay_s(), self._longest_s):
            self._open = None
            self._tries += 1
            self._failures = 0
            self._not_before = now + self._settings.try_s
            return Decision("", f"the portal is closed to try {', '.join(network.known_wifi)}")
        return Decision(radio, self._as_open(radio))

    def _as_open(self, radio: str) -> str:
        return f"no connection; the portal is open as {self._ssid!r} on {radio}"

    @property
    def _longest_s(self) -> float:
        return self._settings.try_after_max_s

    def _stay_s(self) -> float:
        """Return how long the portal stays open without anybody there."""
        return min(self._settings.try_after_s * 2.0 ** min(self._tries, 32), self._longest_s)

    def _failure_pause_s(self) -> float:
        self._failures = min(self._failures + 1, 32)
        first_s, longest_s = self._settings.failure_pause_s, self._settings.failure_pause_max_s
        return min(first_s * 2.0 ** (self._failures - 1), longest_s)


def _obstacle(devices: Sequence[Device], radio: str) -> str:
    """Return why there shall be no portal, however long there is no connection."""
    if not any(one.is_wifi for one in devices):
        return "no Wi-Fi device, so no portal"
    return "" if radio else "the radio serves a hotspot, which is left alone"


class _Open:
    """An open portal: since when, when last used, and when last on the air."""

    def __init__(self, now: float) -> None:
        self.since = self.used_at = self.on_air_at = now

    def is_due(self, now: float, unused_s: float, longest_s: float) -> bool:
        """Tell whether to close: unused for so long, or a phone that never leaves stays longer."""
        return now - self.used_at >= unused_s or now - self.since >= longest_s
