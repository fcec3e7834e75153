"""The home's Wi-Fi is saved again when the portal has deleted it for nothing."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from hems.errors import Unavailable
from hems.protocols.host.network_manager import Connectivity, NetworkDevice, NetworkState
from hems.workers.wifi_connect.kept_networks import KeptNetworks, KeptNetworksFile
from tests.fakes.wifi import FakeWifi

SSID = "HEMS moon"
WIFI = NetworkDevice("wlan0", is_wifi=True)
OFFLINE = NetworkState(Connectivity.NONE, devices=(WIFI,))
ON_AIR = NetworkState(
    Connectivity.NONE, devices=(NetworkDevice("wlan0", is_wifi=True, access_point=SSID),)
)
CONNECTED = NetworkState(Connectivity.FULL, uplink="wlan0", devices=(WIFI,))
ON_CABLE = NetworkState(Connectivity.FULL, uplink="eth0", devices=(WIFI, NetworkDevice("eth0")))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept_networks.json"


def looks(
    kept: KeptNetworks, wifi: FakeWifi, network: NetworkState, now: float, *, is_open: bool = False
) -> bool:
    """Let it take a step in this network, with what is saved now."""
    seen = replace(network, saved_wifi=frozenset(wifi.saved))
    return kept.step(seen, now, is_portal_open=is_open)


def after_a_start(wifi: FakeWifi, path: Path) -> KeptNetworks:
    return KeptNetworks(wifi, KeptNetworksFile(path), SSID)


def deleted_by_a_try(path: Path) -> tuple[FakeWifi, KeptNetworks]:
    """Return a manager whose home network was deleted, and what was kept before."""
    wifi = FakeWifi(saved=["Home", "Office"])
    path.unlink(missing_ok=True)
    kept = after_a_start(wifi, path)
    kept.keep()
    wifi.saved.remove("Home")
    return wifi, kept


def test_it_is_saved_again_once_the_try_has_failed(path: Path) -> None:
    for is_portal_open, network in ((True, ON_AIR), (False, OFFLINE)):
        wifi, kept = deleted_by_a_try(path)
        looks(kept, wifi, OFFLINE, 0.0, is_open=True)  # the radio tries what was typed in
        assert wifi.saved == ["Office"]
        for _ in range(3):
            looks(kept, wifi, network, 10.0, is_open=is_portal_open)
        assert wifi.saved == ["Office", "Home"]


def test_it_gives_way_to_another_that_works(path: Path) -> None:
    wifi, kept = deleted_by_a_try(path)
    wifi.saved.append("New")
    kept.wait(60.0)
    looks(kept, wifi, OFFLINE, 10.0)
    looks(kept, wifi, CONNECTED, 20.0)
    looks(kept, wifi, OFFLINE, 500.0)
    looks(after_a_start(wifi, path), wifi, OFFLINE, 0.0)
    assert wifi.saved == ["Office", "New"]


def test_it_does_not_give_way_to_a_cable(path: Path) -> None:
    wifi, kept = deleted_by_a_try(path)
    assert looks(kept, wifi, ON_CABLE, 10.0)
    assert wifi.saved == ["Office", "Home"]
    assert not looks(kept, wifi, ON_CABLE, 11.0)
    wifi.saved.clear()  # now a person did it
    looks(kept, wifi, ON_CABLE, 20.0)
    assert wifi.saved == []


def test_it_is_saved_again_if_what_was_joined_brings_no_connection(path: Path) -> None:
    wifi, kept = deleted_by_a_try(path)
    kept.wait(60.0)
    looks(kept, wifi, OFFLINE, 59.0)
    assert wifi.saved == ["Office"]
    looks(kept, wifi, OFFLINE, 60.0)
    assert wifi.saved == ["Office", "Home"]


def test_what_was_deleted_before_a_second_portal_is_still_kept(path: Path) -> None:
    wifi, kept = deleted_by_a_try(path)
    kept.keep()
    looks(kept, wifi, OFFLINE, 0.0)
    assert wifi.saved == ["Office", "Home"]


def test_a_power_cut_loses_nothing_however_often_it_comes(path: Path) -> None:
    wifi, _ = deleted_by_a_try(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for _ in range(2):
        after_a_start(wifi, path).keep()  # the portal opens at once, and is cut again
    looks(after_a_start(wifi, path), wifi, OFFLINE, 0.0)
    assert wifi.saved == ["Office", "Home"]


def test_a_disk_that_cannot_be_written_keeps_no_portal_closed(
    tmp_path: Path, lines: list[str]
) -> None:
    wifi, kept = deleted_by_a_try(tmp_path / "missing" / "file")
    assert "a power cut may lose the saved networks" in lines[0]
    looks(kept, wifi, OFFLINE, 0.0)
    assert wifi.saved == ["Office", "Home"]


def test_what_networkmanager_refuses_to_save_is_given_up(path: Path, lines: list[str]) -> None:
    wifi, kept = deleted_by_a_try(path)
    wifi.saved.clear()
    wifi.refused = ["Home"]
    for _ in range(3):
        looks(kept, wifi, OFFLINE, 0.0)
    assert wifi.saved == ["Office"]
    assert lines == [
        "WARNING the saved network Home was deleted by the portal: cannot be saved again: refused",
        "WARNING the saved network Office was deleted by the portal: saved again",
    ]


def test_a_manager_that_does_not_answer_keeps_no_portal_closed(path: Path) -> None:
    wifi, kept = deleted_by_a_try(path)
    wifi.trouble = Unavailable("gone")
    kept.keep()
    wifi.trouble = None
    looks(kept, wifi, OFFLINE, 0.0)
    assert wifi.saved == ["Office", "Home"]


@pytest.mark.parametrize("saved", [[], ["Home"]])
def test_without_a_loss_nothing_is_saved(saved: list[str], path: Path) -> None:
    wifi = FakeWifi(saved=[*saved])
    kept = after_a_start(wifi, path)
    kept.keep()
    for network in (OFFLINE, ON_AIR, CONNECTED):
        looks(kept, wifi, network, 0.0)
    assert wifi.saved == saved
