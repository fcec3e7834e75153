"""The real wifi-connect worker on a radio: what it does with other people's Wi-Fi and its own.

The tests are steps of one story, in their order: a hotspot, then none, a phone, and the home's
router, which the second radio plays.
"""

from collections.abc import Iterator

import pytest

from tests.hil.guest import Guest
from tests.hil.home import HOTSPOT, MHZ, has_joined, start_radio

pytestmark = pytest.mark.hil

WORKER, SSID, ROUTER = "wifi-connect", "HEMS moon", "HomeWifi"
PASSPHRASE, SECRETS = "on its card", "/opt/portal/secrets"
PROGRAM = """\
#!/usr/bin/python3
import sys
sys.path[:0] = ["/opt/site", "/project"]
from tests.hil.inside.portal import main
main()
"""
SETTINGS = {
    "BALENA_DEVICE_NAME_AT_INIT": "moon",
    "HEMS_WIFI_CONNECT_BUS": "/run/dbus/system_bus_socket",
    "HEMS_WIFI_CONNECT_DIRECTORY": "/opt/portal",
    "HEMS_PROVISION_GATEWAY_DIRECTORY": "/opt/portal",
    "HEMS_WIFI_CONNECT_KEPT_NETWORKS_FILE": "/opt/portal/kept_networks.json",
    "HEMS_WIFI_CONNECT_GRACE_S": "3",
    "HEMS_WIFI_CONNECT_TRY_AFTER_S": "15",
    "HEMS_WIFI_CONNECT_TRY_S": "30",
    "HEMS_WIFI_CONNECT_PERIOD_S": "1",
}
PHONE = f'network={{\n ssid="{SSID}"\n psk="{PASSPHRASE}"\n key_mgmt=WPA-PSK\n}}\n'
ACCESS_POINT = f'network={{\n ssid="{ROUTER}"\n mode=2\n frequency={MHZ}\n key_mgmt=NONE\n}}\n'
KNOWN = ["type", "wifi", "con-name", ROUTER, "ifname", "wlan0", "ssid", ROUTER]
ADDRESS = ["ipv4.method", "manual", "ipv4.addresses", "192.0.2.2/24", "ipv4.gateway", "192.0.2.1"]


class Gateway:
    """The guest, as the worker and NetworkManager see it."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest

    def until_it_says(self, words: str) -> None:
        self._guest.until(f"it says {words!r}", lambda: self.log().rstrip().endswith(words))

    def log(self) -> str:
        return self._guest.run("journalctl", "--unit", WORKER, "--output", "cat")

    def air(self) -> str:
        return self._guest.run("iw", "dev", "wlan0", "info")

    def profiles(self) -> str:
        return self._guest.run("nmcli", "-g", "NAME", "connection", "show")


@pytest.fixture(scope="module")
def gateway(guest: Guest, station: str) -> Iterator[Gateway]:
    guest.run("mkdir", "-p", SECRETS)
    guest.write("/opt/portal/wifi-connect", PROGRAM)
    guest.run("chmod", "755", "/opt/portal/wifi-connect")
    guest.write(f"{SECRETS}/WIFI_PORTAL_PASSPHRASE", PASSPHRASE)
    guest.start_worker(WORKER, SETTINGS)
    yield Gateway(guest)
    if guest.succeeds("systemctl", "is-active", WORKER):
        guest.stop(WORKER)


def test_a_hotspot_is_left_alone(guest: Guest, gateway: Gateway) -> None:
    gateway.until_it_says("the radio serves a hotspot, which is left alone")
    assert f"ssid {HOTSPOT}" in gateway.air()


def test_the_portal_opens_when_there_is_nothing(guest: Guest, gateway: Gateway) -> None:
    guest.stop("station")
    guest.run("nmcli", "connection", "delete", HOTSPOT)
    gateway.until_it_says(f"the portal is open as {SSID!r} on wlan0")
    guest.until("it is on the air", lambda: f"ssid {SSID}" in gateway.air())
    assert "type AP" in gateway.air()


def test_it_stays_open_while_a_phone_is_with_it(guest: Guest, gateway: Gateway) -> None:
    start_radio(guest, "phone", PHONE)
    guest.until("the phone has joined", lambda: has_joined(guest))
    guest.run("nmcli", "connection", "add", *KNOWN, *ADDRESS)
    guest.run("sleep", "25")
    assert f"ssid {SSID}" in gateway.air()


def test_it_closes_for_a_network_that_is_back(guest: Guest, gateway: Gateway) -> None:
    guest.stop("phone")
    start_radio(guest, "router", ACCESS_POINT)
    gateway.until_it_says("connected through wlan0, internet: full")
    assert f"the portal is closed to try {ROUTER}" in gateway.log()
    assert SSID not in gateway.profiles()


def test_nothing_is_left_when_it_ends_with_the_portal_open(guest: Guest, gateway: Gateway) -> None:
    guest.stop(WORKER)
    guest.stop("router")
    guest.run("nmcli", "connection", "delete", ROUTER)
    guest.start_worker(WORKER, SETTINGS)
    gateway.until_it_says(f"the portal is open as {SSID!r} on wlan0")
    guest.until("it is on the air", lambda: f"ssid {SSID}" in gateway.air())
    guest.stop(WORKER)
    assert SSID not in gateway.profiles()
    assert "REDIRECT" not in guest.run("iptables-legacy-save", "-t", "nat")
