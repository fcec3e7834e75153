"""Networks from objects as NetworkManager 1.42 sends them, cut down to what is read."""

from dataclasses import replace
from typing import Any

import pytest

from hems.errors import ProtocolError
from hems.protocols.host.network_manager import (
    ACTIVE,
    DEVICE,
    MANAGER,
    NAME,
    PROFILE,
    WIRED,
    WIRELESS,
    ConnectionProfile,
    Connectivity,
    NetworkDevice,
    NetworkState,
    network,
    profile,
    profile_paths,
    with_secrets,
)

ETHERNET, WIFI, VETH, BRIDGE = 1, 2, 20, 13  # NMDeviceType
UNMANAGED, UNAVAILABLE, ACTIVATED = 10, 20, 100  # NMDeviceState
INFRASTRUCTURE, ACCESS_POINT = 2, 3  # NM80211Mode
NO_PATH = "/"


def manager(connectivity: int, primary: str = NO_PATH) -> dict[str, Any]:
    return {NAME: {"Connectivity": ("u", connectivity), "PrimaryConnection": ("o", primary)}}


def device(
    interface: str, kind: int, state: int, active: str = NO_PATH, **sides: Any
) -> dict[str, Any]:
    general = {
        "Interface": ("s", interface),
        "DeviceType": ("u", kind),
        "State": ("u", state),
        "ActiveConnection": ("o", active),
    }
    return {DEVICE: general, **{f"{DEVICE}.{name}": value for name, value in sides.items()}}


def active(name: str, *devices: str) -> dict[str, Any]:
    return {ACTIVE: {"Id": ("s", name), "Devices": ("ao", list(devices))}}


def wired(interface: str, *, carrier: bool, **more: Any) -> dict[str, Any]:
    state = ACTIVATED if carrier else UNAVAILABLE
    return device(interface, ETHERNET, state, Wired={"Carrier": ("b", carrier)}, **more)


def wifi(interface: str, mode: int, active_path: str = NO_PATH) -> dict[str, Any]:
    return device(interface, WIFI, ACTIVATED, active_path, Wireless={"Mode": ("u", mode)})


HOME = ConnectionProfile(
    "/1", "Home", is_wifi=True, is_access_point=False, is_automatic=True, uuid="home"
)


def test_the_side_names_are_those_of_the_api() -> None:
    assert WIRED == "org.freedesktop.NetworkManager.Device.Wired"
    assert WIRELESS == "org.freedesktop.NetworkManager.Device.Wireless"


def test_a_gateway_on_wifi_with_its_cable_out() -> None:
    objects = {
        MANAGER: manager(4, "/active/1"),
        "/active/1": active("Home", "/device/2"),
        "/device/1": wired("eth0", carrier=False),
        "/device/2": wifi("wlan0", INFRASTRUCTURE, "/active/1"),
    }
    devices = (NetworkDevice("eth0"), NetworkDevice("wlan0", is_wifi=True))
    expected = NetworkState(Connectivity.FULL, "wlan0", devices, ("Home",), frozenset({"home"}))
    assert network(objects, [HOME]) == expected


def test_an_access_point_has_the_name_of_its_profile() -> None:
    objects = {
        MANAGER: manager(1),
        "/active/1": active("Hotspot", "/device/2"),
        "/device/2": wifi("wlan0", ACCESS_POINT, "/active/1"),
    }
    (seen,) = network(objects, []).devices
    assert seen == NetworkDevice("wlan0", is_wifi=True, access_point="Hotspot")


def test_a_radio_that_was_an_access_point_before_serves_nobody() -> None:
    objects = {MANAGER: manager(1), "/device/2": wifi("wlan0", ACCESS_POINT)}
    (seen,) = network(objects, []).devices
    assert seen.access_point == ""


def test_a_cable_has_a_carrier() -> None:
    (seen,) = network({MANAGER: manager(3), "/d": wired("eth0", carrier=True)}, []).devices
    assert seen == NetworkDevice("eth0", has_carrier=True)


def test_a_containers_veth_is_no_cable() -> None:
    veth = device("veth0", VETH, ACTIVATED, Wired={"Carrier": ("b", True)})
    (seen,) = network({MANAGER: manager(3), "/d": veth}, []).devices
    assert seen == NetworkDevice("veth0")


def test_what_is_not_managed_is_left_out() -> None:
    objects = {MANAGER: manager(3), "/d": device("br-hems", BRIDGE, UNMANAGED)}
    assert network(objects, []).devices == ()


def test_a_connection_that_has_just_gone_is_no_uplink() -> None:
    assert network({MANAGER: manager(4, "/active/9")}, []).uplink == ""


@pytest.mark.parametrize(
    "other",
    [
        replace(HOME, name="cable", is_wifi=False),
        replace(HOME, name="Hotspot", is_access_point=True),
        replace(HOME, name="Guests", is_automatic=False),
    ],
)
def test_known_are_the_networks_that_are_joined_by_themselves(other: ConnectionProfile) -> None:
    assert network({MANAGER: manager(1)}, [other, HOME]).known_wifi == ("Home",)


@pytest.mark.parametrize(
    "objects",
    [
        {},
        {MANAGER: {}},
        {MANAGER: manager(9)},
        {MANAGER: manager(1), "/d": {DEVICE: {}}},
        {MANAGER: manager(1, "/a"), "/a": active("Home", "/gone")},
    ],
)
def test_objects_that_lack_something_are_a_protocol_error(objects: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="NetworkManager: objects of an unknown format"):
        network(objects, [])


def test_the_saved_connections_are_found_among_the_objects() -> None:
    assert profile_paths({"/b": {PROFILE: {}}, "/a": {PROFILE: {}}, "/c": {}}) == ["/a", "/b"]


def settings(kind: str, **connection: Any) -> dict[str, Any]:
    values = {"id": ("s", "One"), "type": ("s", kind), "uuid": ("s", "an-id"), **connection}
    return {"connection": values}


def test_a_profile_is_automatic_and_no_access_point_unless_it_says_so() -> None:
    plain = profile("/1", settings("802-11-wireless"))
    assert plain == replace(HOME, name="One", uuid="an-id")


def test_a_profile_says_what_it_is() -> None:
    said = settings("802-11-wireless", autoconnect=("b", False))
    said["802-11-wireless"] = {"mode": ("s", "ap")}
    expected = replace(HOME, name="One", is_access_point=True, is_automatic=False, uuid="an-id")
    assert profile("/1", said) == expected
    assert not profile("/1", settings("802-3-ethernet")).is_wifi


@pytest.mark.parametrize("missing", ["connection", "id", "type", "uuid"])
def test_a_profile_that_lacks_something_is_a_protocol_error(missing: str) -> None:
    said = settings("802-11-wireless")
    del (said if missing == "connection" else said["connection"])[missing]
    text = rf"NetworkManager: a profile of an unknown format: KeyError\('{missing}'\)"
    with pytest.raises(ProtocolError, match=text):
        profile("/1", said)


def test_secrets_are_added_to_what_their_section_says() -> None:
    said = {**settings("802-11-wireless"), "802-11-wireless-security": {"key-mgmt": ("s", "sae")}}
    password = {"psk": ("s", "hunter22")}
    secrets = {"802-11-wireless-security": password, "802-1x": {}}
    expected = {"key-mgmt": ("s", "sae"), **password}
    assert with_secrets(said, secrets) == {**said, "802-11-wireless-security": expected}
    assert with_secrets(said, {}) == said
