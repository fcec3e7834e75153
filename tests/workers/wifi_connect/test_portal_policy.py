"""What opens the portal and what forbids it, in virtual time."""

from dataclasses import replace

import pytest

from hems.protocols.host.network_manager import Connectivity, NetworkState
from hems.workers.wifi_connect.portal_policy import ON_AIR_S, PortalPolicy
from tests.workers.wifi_connect.site import (
    KNOWN,
    NO_ADDRESS,
    NO_CABLE,
    OFFLINE,
    ON_CABLE,
    ON_WIFI,
    RADIO,
    SETTINGS,
    SSID,
    Site,
)


def test_known_networks_have_their_time_after_the_start() -> None:
    site = Site()
    site.stay(KNOWN, SETTINGS.grace_s)
    assert not site.is_open
    assert site.stay(KNOWN, 10.0).interface == "wlan0"


@pytest.mark.parametrize(
    "connected", [ON_WIFI, ON_CABLE, replace(KNOWN, connectivity=Connectivity.FULL)]
)
def test_connected_it_never_opens(connected: NetworkState) -> None:
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
def test_a_connection_closes_it_at_once_even_in_use(back: NetworkState) -> None:
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
    policy = PortalPolicy(SETTINGS, SSID, 0.0)
    seen = replace(OFFLINE, devices=radios)
    assert policy.decide(seen, SETTINGS.grace_s, is_used=False).interface == "wlan1"


@pytest.mark.parametrize("lost", [OFFLINE, NO_ADDRESS])
def test_a_site_that_loses_its_ethernet_for_long_gets_a_portal(lost: NetworkState) -> None:
    site = Site()
    site.stay(ON_CABLE, 1000.0)
    site.stay(lost, 900.0)
    assert site.changes == [990.0 + SETTINGS.lost_s]


def test_a_provider_that_is_down_opens_nothing_at_a_site_on_ethernet() -> None:
    site = Site()
    site.stay(ON_CABLE, 1000.0)
    site.stay(replace(ON_CABLE, connectivity=Connectivity.LIMITED), 86400.0)
    assert site.changes == []


@pytest.mark.parametrize("network", [NO_ADDRESS, replace(NO_ADDRESS, known_wifi=("Home",))])
def test_a_cable_has_as_long_for_its_address_after_the_start_as_after_a_loss(
    network: NetworkState,
) -> None:
    site = Site()
    site.stay(network, SETTINGS.lost_s + 10.0)
    assert site.changes == [SETTINGS.lost_s]


def test_a_cable_that_is_plugged_in_closes_the_portal_only_once_it_connects() -> None:
    site = Site()
    site.stay(OFFLINE, 200.0)
    site.stay(NO_ADDRESS, 100.0, is_used=True)
    assert site.is_open
    site.stay(ON_CABLE, 10.0)
    assert not site.is_open


def test_a_cable_without_a_way_out_does_not_hide_a_lost_wifi() -> None:
    site = Site()
    site.stay(ON_WIFI, 100.0)
    site.stay(replace(NO_ADDRESS, known_wifi=("Home",)), 1000.0)
    assert site.changes[0] == 90.0 + SETTINGS.lost_s


def test_a_new_gateway_stays_open_until_it_is_connected() -> None:
    site = Site()
    site.stay(OFFLINE, 7 * 86400.0)
    assert site.changes == [SETTINGS.grace_s]


def test_after_every_hotspot_of_others_the_portal_has_its_time_to_go_on_the_air() -> None:
    hotspot = replace(OFFLINE, devices=(NO_CABLE, replace(RADIO, access_point="Hotspot")))
    site = Site()
    site.stay(OFFLINE, 200.0)
    for _ in range(2):
        assert site.is_open
        site.is_open = False  # the portal's access point gives way
        assert not site.stay(hotspot, 2 * ON_AIR_S).interface
        site.stay(OFFLINE, 100.0)


def test_after_every_connection_a_loss_has_its_time_before_the_portal() -> None:
    site = Site()
    for _ in range(2):
        site.stay(OFFLINE, 400.0)
        assert site.is_open
        site.stay(ON_WIFI, 10.0)
        site.stay(OFFLINE, SETTINGS.lost_s - 10.0)
        assert not site.is_open
