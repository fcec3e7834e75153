"""When the portal opens and closes, in virtual time."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from hems.protocols.network_manager import Connectivity, Device, Network
from hems.settings.wifi_connect import WifiConnect
from hems.workers.wifi_connect.opening import SETTLE_S, Decision, Opening

SSID = "HEMS silent-moon"
SETTINGS = WifiConnect()
RADIO, CABLE, NO_CABLE = (
    Device("wlan0", is_wifi=True),
    Device("eth0", is_wired=True, has_carrier=True),
    Device("eth0", is_wired=True),
)
OFFLINE = Network(Connectivity.NONE, devices=(NO_CABLE, RADIO))
KNOWN = replace(OFFLINE, known_wifi=("Home",))
ON_WIFI = replace(KNOWN, connectivity=Connectivity.FULL, uplink="wlan0")
ON_CABLE = Network(Connectivity.FULL, uplink="eth0", devices=(CABLE, RADIO))


def on_air(network: Network) -> Network:
    """Return the network while the portal is open: its radio serves it."""
    radios = (replace(one, access_point=SSID) if one.is_wifi else one for one in network.devices)
    return replace(network, devices=tuple(radios))


@dataclass
class Site:
    """A gateway that is looked at every ten seconds."""

    opening: Opening = field(default_factory=lambda: Opening(SETTINGS, SSID, 0.0))
    now: float = 0.0
    is_open: bool = False
    changes: list[float] = field(default_factory=list)

    def stay(self, network: Network, seconds: float, *, is_used: bool = False) -> Decision:
        """Let the network be so for a time; the portal works as decided."""
        end = self.now + seconds
        while self.now < end:
            seen = on_air(network) if self.is_open else network
            decision = self.opening.decide(seen, self.now, is_used=is_used and self.is_open)
            if self.is_open != bool(decision.interface):
                self.changes.append(self.now)
            self.is_open = bool(decision.interface)
            self.now += 10.0
        return decision


def test_known_networks_have_their_time_after_the_start() -> None:
    site = Site()
    site.stay(KNOWN, SETTINGS.grace_s)
    assert not site.is_open
    assert site.stay(KNOWN, 10.0).interface == "wlan0"


@pytest.mark.parametrize("connected", [ON_WIFI, ON_CABLE])
def test_connected_it_never_opens(connected: Network) -> None:
    site = Site()
    site.stay(connected, 86400.0)
    assert site.changes == []


def test_a_short_loss_opens_nothing() -> None:
    site = Site()
    site.stay(ON_WIFI, 1000.0)
    for _ in range(20):
        site.stay(KNOWN, SETTINGS.lost_s - 10.0)
        site.stay(ON_WIFI, 10.0)
    assert site.changes == []


def test_a_loss_that_lasts_opens_it() -> None:
    site = Site()
    site.stay(ON_WIFI, 1000.0)
    site.stay(KNOWN, 2 * SETTINGS.lost_s)
    assert site.changes == [990.0 + SETTINGS.lost_s]


@pytest.mark.parametrize("back", [ON_WIFI, replace(ON_CABLE, connectivity=Connectivity.LIMITED)])
def test_a_connection_closes_it_at_once_even_in_use(back: Network) -> None:
    site = Site()
    site.stay(KNOWN, 200.0, is_used=True)
    assert site.is_open
    site.stay(back, 10.0, is_used=True)
    assert not site.is_open


@pytest.mark.parametrize(
    "connectivity", [Connectivity.UNKNOWN, Connectivity.NONE, Connectivity.LIMITED]
)
def test_a_connection_without_known_internet_is_a_connection(connectivity: Connectivity) -> None:
    site = Site()
    decision = site.stay(replace(ON_WIFI, connectivity=connectivity), 86400.0)
    assert decision == ("", f"connected through wlan0, internet: {connectivity.name.lower()}")
    assert site.changes == []


def test_without_a_wifi_device_it_says_so() -> None:
    site = Site()
    decision = site.stay(replace(OFFLINE, devices=(NO_CABLE,)), 86400.0)
    assert decision == ("", "no Wi-Fi device, so no portal")
    assert site.changes == []


def test_a_hotspot_made_on_purpose_is_left_alone() -> None:
    hotspot = replace(RADIO, access_point="Hotspot")
    site = Site()
    site.stay(replace(KNOWN, devices=(NO_CABLE, hotspot)), 86400.0)
    assert site.changes == []


def test_a_second_radio_serves_when_the_first_has_a_hotspot() -> None:
    radios = (replace(RADIO, access_point="Hotspot"), replace(RADIO, interface="wlan1"))
    opening = Opening(SETTINGS, SSID, 0.0)
    seen = replace(OFFLINE, devices=radios)
    assert opening.decide(seen, SETTINGS.grace_s, is_used=False).interface == "wlan1"


@pytest.mark.parametrize("lost", [OFFLINE, replace(OFFLINE, devices=(CABLE, RADIO))])
def test_a_site_on_ethernet_only_never_opens_it(lost: Network) -> None:
    site = Site()
    site.stay(ON_CABLE, 1000.0)
    site.stay(lost, 86400.0)
    assert site.changes == []


def test_a_cable_that_gives_no_address_yet_is_ethernet_only() -> None:
    site = Site()
    site.stay(replace(OFFLINE, devices=(CABLE, RADIO)), 86400.0)
    assert site.changes == []


def test_a_cable_without_a_way_out_does_not_hide_a_lost_wifi() -> None:
    site = Site()
    site.stay(ON_WIFI, 100.0)
    site.stay(replace(KNOWN, devices=(CABLE, RADIO)), 1000.0)
    assert site.changes[0] == 90.0 + SETTINGS.lost_s


def test_a_new_gateway_stays_open_until_it_is_connected() -> None:
    site = Site()
    site.stay(OFFLINE, 7 * 86400.0)
    assert site.changes == [SETTINGS.grace_s]


def test_a_known_network_is_tried_less_and_less_often() -> None:
    site = Site()
    site.stay(KNOWN, 4 * 3600.0)
    spans = [after - before for before, after in pairwise(site.changes)]
    assert spans[:10:2] == [300.0, 600.0, 1200.0, 1800.0, 1800.0]
    assert set(spans[1::2]) == {SETTINGS.try_s}


def test_the_network_that_is_tried_is_named() -> None:
    opening = Opening(SETTINGS, SSID, -SETTINGS.grace_s)
    opening.decide(KNOWN, 0.0, is_used=False)
    decision = opening.decide(on_air(KNOWN), SETTINGS.try_after_s, is_used=False)
    assert decision == ("", "the portal is closed to try Home")


def test_it_stays_open_for_somebody_but_not_for_a_phone_that_never_leaves() -> None:
    site = Site()
    site.stay(KNOWN, 86400.0, is_used=True)
    spans = [after - before for before, after in pairwise(site.changes)]
    assert set(spans[::2]) == {SETTINGS.try_after_max_s}


def test_its_use_begins_the_wait_anew() -> None:
    site = Site()
    site.stay(KNOWN, SETTINGS.grace_s + 200.0)
    site.stay(KNOWN, 100.0, is_used=True)
    site.stay(KNOWN, SETTINGS.try_after_s - 10.0)
    assert site.is_open
    site.stay(KNOWN, 20.0)
    assert not site.is_open


def test_a_connection_ends_the_row_of_tries() -> None:
    site = Site()
    site.stay(KNOWN, 2 * 3600.0)
    site.stay(ON_WIFI, 1000.0)
    site.changes.clear()
    site.stay(KNOWN, 3600.0)
    assert site.changes[1] - site.changes[0] == SETTINGS.try_after_s


def test_a_portal_that_fails_is_opened_again_less_and_less_often() -> None:
    opening, now = Opening(SETTINGS, SSID, -SETTINGS.grace_s), 0.0
    pauses = []
    for _ in range(7):
        assert opening.decide(OFFLINE, now, is_used=False).interface
        opening.ended(now, is_failure=True)
        failed_at = now
        while not opening.decide(OFFLINE, now, is_used=False).interface:
            now += 1.0
        pauses.append(now - failed_at)
    assert pauses == [30.0, 60.0, 120.0, 240.0, 480.0, 900.0, 900.0]


def test_a_portal_that_is_not_on_the_air_has_failed() -> None:
    opening = Opening(SETTINGS, SSID, -SETTINGS.grace_s)
    opening.decide(OFFLINE, 0.0, is_used=False)
    assert opening.decide(OFFLINE, SETTLE_S, is_used=False).interface
    later = opening.decide(OFFLINE, SETTLE_S + 1.0, is_used=False)
    assert later == ("", "the portal is not on the air; it is opened again later")


def test_what_a_person_chose_has_its_time_to_connect() -> None:
    site = Site()
    site.stay(OFFLINE, 200.0)
    site.opening.ended(site.now, is_failure=False)
    site.is_open = False
    site.changes.clear()
    site.stay(KNOWN, 300.0)
    assert site.changes == [200.0 + SETTINGS.try_s]


def test_what_cannot_be_seen_is_not_offline() -> None:
    opening = Opening(SETTINGS, SSID, 0.0)
    opening.postpone(1000.0)
    assert not opening.decide(OFFLINE, 1000.0 + SETTINGS.grace_s - 1.0, is_used=False).interface
    assert opening.decide(OFFLINE, 1000.0 + SETTINGS.grace_s, is_used=False).interface


def test_a_longer_pause_is_not_made_shorter_by_what_cannot_be_seen() -> None:
    opening, now = Opening(SETTINGS, SSID, -SETTINGS.grace_s), 0.0
    for _ in range(10):
        opening.ended(now, is_failure=True)
    opening.postpone(now)
    assert not opening.decide(OFFLINE, SETTINGS.failure_pause_max_s - 1, is_used=False).interface
