"""The home's Wi-Fi is saved again when the portal has deleted it for nothing."""

import pytest

from hems.errors import Unavailable
from hems.protocols.host.network_manager import Connectivity, NetworkDevice, NetworkState
from hems.workers.wifi_connect.kept_networks import KeptNetworks
from tests.fakes.wifi import FakeWifi

SSID = "HEMS moon"
OFFLINE = NetworkState(Connectivity.NONE, devices=(NetworkDevice("wlan0", is_wifi=True),))
ON_AIR = NetworkState(
    Connectivity.NONE, devices=(NetworkDevice("wlan0", is_wifi=True, access_point=SSID),)
)
CONNECTED = NetworkState(Connectivity.FULL, uplink="wlan0")


def deleted_by_a_try() -> tuple[FakeWifi, KeptNetworks]:
    """Return a manager whose home network was deleted, and what was kept before."""
    wifi = FakeWifi(saved=["Home", "Office"])
    kept = KeptNetworks(wifi, SSID)
    kept.keep()
    wifi.saved.remove("Home")
    return wifi, kept


def test_it_is_saved_again_once_the_try_has_failed() -> None:
    for is_portal_open, network in ((True, ON_AIR), (False, OFFLINE)):
        wifi, kept = deleted_by_a_try()
        kept.step(OFFLINE, 0.0, is_portal_open=True)  # the radio tries what was typed in
        assert wifi.saved == ["Office"]
        for _ in range(3):
            kept.step(network, 10.0, is_portal_open=is_portal_open)
        assert wifi.saved == ["Office", "Home"]


def test_it_gives_way_to_another_that_works() -> None:
    wifi, kept = deleted_by_a_try()
    wifi.saved.append("New")
    kept.wait(60.0)
    kept.step(OFFLINE, 10.0, is_portal_open=False)
    kept.step(CONNECTED, 20.0, is_portal_open=False)
    kept.step(OFFLINE, 500.0, is_portal_open=False)
    assert wifi.saved == ["Office", "New"]


def test_it_is_saved_again_if_what_was_joined_brings_no_connection() -> None:
    wifi, kept = deleted_by_a_try()
    kept.wait(60.0)
    kept.step(OFFLINE, 59.0, is_portal_open=False)
    assert wifi.saved == ["Office"]
    kept.step(OFFLINE, 60.0, is_portal_open=False)
    assert wifi.saved == ["Office", "Home"]


def test_what_was_deleted_before_a_second_portal_is_still_kept() -> None:
    wifi, kept = deleted_by_a_try()
    kept.keep()
    kept.step(OFFLINE, 0.0, is_portal_open=False)
    assert wifi.saved == ["Office", "Home"]


def test_a_manager_that_does_not_answer_keeps_no_portal_closed() -> None:
    wifi, kept = deleted_by_a_try()
    wifi.trouble = Unavailable("gone")
    kept.keep()
    wifi.trouble = None
    kept.step(OFFLINE, 0.0, is_portal_open=False)
    assert wifi.saved == ["Office", "Home"]


@pytest.mark.parametrize("saved", [[], ["Home"]])
def test_without_a_loss_nothing_is_saved(saved: list[str]) -> None:
    wifi = FakeWifi(saved=[*saved])
    kept = KeptNetworks(wifi, SSID)
    kept.keep()
    for network in (OFFLINE, ON_AIR, CONNECTED):
        kept.step(network, 0.0, is_portal_open=False)
    assert wifi.saved == saved
