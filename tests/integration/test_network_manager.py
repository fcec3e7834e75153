"""The client of NetworkManager against a real one, with a cable to a router in its network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from hems.errors import Unavailable
from hems.protocols.host.network_manager import Connectivity, NetworkDevice, NetworkState
from hems.system.network.network_manager import NetworkManager
from tests.integration.managed_home import Home
from tests.integration.worker_process import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with closing(Home(tmp_path)) as home:
        yield home


def test_the_network_as_it_is(home: Home) -> None:
    home.start()
    assert replace(home.client.state(), saved_wifi=frozenset()) == NetworkState(
        Connectivity.LIMITED,
        uplink="cable",
        devices=(NetworkDevice("cable"), NetworkDevice("lo")),
        known_wifi=("Home",),
    )


def test_the_internet_behind_the_router_is_full_connectivity(home: Home) -> None:
    home.serve_internet()
    home.start()
    eventually(lambda: home.sees(connectivity=Connectivity.FULL), 10, "NetworkManager has asked")


def test_a_cable_that_is_pulled_is_no_uplink(home: Home) -> None:
    home.start()
    home.router.run("ip", "link", "set", "lan", "down")
    eventually(lambda: home.sees(uplink=""), 20, "NetworkManager has seen it")
    assert home.client.state().connectivity is Connectivity.NONE


def test_an_access_point_of_that_name_is_forgotten_and_no_other(home: Home) -> None:
    home.start()
    home.client.forget_access_point("HEMS moon")
    home.client.forget_access_point("Home")
    left = home.manager.nmcli("-g", "NAME", "connection", "show").split("\n")
    assert {"Home", "Guests", "Repeater"} <= set(left)
    assert "HEMS moon" not in left


def test_a_deleted_network_is_saved_again_as_it_was(home: Home) -> None:
    home.start()
    nmcli = home.manager.nmcli
    security = ["wifi-sec.key-mgmt", "wpa-psk", "wifi-sec.psk", "the home's secret"]
    nmcli("connection", "modify", "Home", *security, "ipv4.route-metric", "77")
    fields = ["-s", "-t", "-f", "all", "connection", "show", "Home"]
    before = nmcli(*fields)
    assert "the home's secret" in before
    kept = home.client.wifi_profiles()
    assert sorted(one.name for one in kept) == ["Guests", "Home"]
    assert "secret" not in repr(kept)
    for _ in range(2):
        nmcli("connection", "delete", "Home")
        (deleted,) = (one for one in kept if one.uuid not in home.client.state().saved_wifi)
        assert deleted.name == "Home"
        assert home.client.restore((deleted,)) == {deleted: ""}
        assert nmcli(*fields) == before
    saved = nmcli("-g", "FILENAME", "connection", "show").split("\n")
    assert any("system-connections" in name and "Home" in name for name in saved)


def test_what_cannot_be_saved_again_keeps_no_other_from_it(home: Home) -> None:
    home.start()
    home.client.forget_access_point("Repeater")
    kept = home.client.wifi_profiles()
    home.manager.nmcli("connection", "delete", "Home", "Guests")
    damaged = msgspec.structs.replace(kept[0], addition=kept[0].addition[:-8])
    nobodys = msgspec.structs.replace(
        kept[0], addition=kept[0].addition.replace(b"802-11-", b"803-11-")
    )
    outcome = home.client.restore((damaged, nobodys, kept[1]))
    assert "expected a D-Bus message" in outcome[damaged]
    assert "freedesktop" in outcome[nobodys]
    assert outcome[kept[1]] == ""
    assert [one.uuid for one in home.client.wifi_profiles()] == [kept[1].uuid]


def test_to_forget_what_is_not_there_is_nothing(home: Home) -> None:
    home.start()
    home.client.forget_access_point("Nowhere")


def test_a_networkmanager_that_comes_back_is_seen_again(home: Home) -> None:
    home.start()
    home.manager.stop()
    with pytest.raises(Unavailable, match="NetworkManager was not provided"):
        home.client.state()
    home.start()


def test_a_bus_that_has_gone_is_unavailable(home: Home) -> None:
    home.bus.kill()
    home.bus.wait(10)
    with pytest.raises(Unavailable, match="Connection refused"):
        home.client.state()


def test_no_bus_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="No such file"):
        NetworkManager(tmp_path / "nothing").state()
