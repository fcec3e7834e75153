"""A gateway whose portal is decided on every ten seconds, in virtual time."""

from dataclasses import dataclass, field, replace

from hems.protocols.host.network_manager import Connectivity, NetworkDevice, NetworkState
from hems.settings.wifi_connect import WifiConnectSettings
from hems.workers.wifi_connect.portal_policy import PortalDecision, PortalPolicy

SSID = "HEMS silent-moon"
SETTINGS = WifiConnectSettings()
RADIO, CABLE, NO_CABLE = (
    NetworkDevice("wlan0", is_wifi=True),
    NetworkDevice("eth0", has_carrier=True),
    NetworkDevice("eth0"),
)
OFFLINE = NetworkState(Connectivity.NONE, devices=(NO_CABLE, RADIO))
NO_ADDRESS = replace(OFFLINE, devices=(CABLE, RADIO))  # no DHCP at the cable's other end
KNOWN = replace(OFFLINE, known_wifi=("Home",))
ON_WIFI = replace(KNOWN, connectivity=Connectivity.FULL, uplink="wlan0")
ON_CABLE = NetworkState(Connectivity.FULL, uplink="eth0", devices=(CABLE, RADIO))


def on_air(network: NetworkState) -> NetworkState:
    """Return the network while the portal is open: its radio serves it."""
    radios = (replace(one, access_point=SSID) if one.is_wifi else one for one in network.devices)
    return replace(network, devices=tuple(radios))


@dataclass
class Site:
    """A gateway that is checked every ten seconds."""

    policy: PortalPolicy = field(default_factory=lambda: PortalPolicy(SETTINGS, SSID, 0.0))
    now: float = 0.0
    is_open: bool = False
    changes: list[float] = field(default_factory=list)

    def stay(
        self, network: NetworkState, seconds: float, *, is_used: bool = False
    ) -> PortalDecision:
        """Let the network be so for a time; the portal works as decided."""
        end = self.now + seconds
        while self.now < end:
            seen = on_air(network) if self.is_open else network
            decision = self.policy.decide(seen, self.now, is_used=is_used and self.is_open)
            if self.is_open != bool(decision.interface):
                self.changes.append(self.now)
            self.is_open = bool(decision.interface)
            self.now += 10.0
        return decision
