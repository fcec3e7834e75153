"""wifi-connect's place: the access point that it makes with NetworkManager, until SIGTERM.

The profile is that of its library, network-manager (dbus_nm.rs, create_hotspot): not automatic,
named by the SSID, with an address of its own and nothing shared.
"""

import os
import signal
import subprocess


def main() -> None:
    """Open the access point, and take it down on request."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    ssid, interface = os.environ["PORTAL_SSID"], os.environ["PORTAL_INTERFACE"]
    profile = ["type", "wifi", "con-name", ssid, "ifname", interface, "autoconnect", "no"]
    wireless = ["ssid", ssid, "802-11-wireless.mode", "ap", "802-11-wireless.band", "bg"]
    security = ["wifi-sec.key-mgmt", "wpa-psk", "wifi-sec.psk", os.environ["PORTAL_PASSPHRASE"]]
    address = ["ipv4.method", "manual", "ipv4.addresses", f"{os.environ['PORTAL_GATEWAY']}/24"]
    nmcli("add", *profile, *wireless, *security, *address)
    nmcli("up", ssid)
    signal.sigwait({signal.SIGTERM})
    nmcli("delete", ssid)


def nmcli(*arguments: str) -> None:
    subprocess.run(["nmcli", "--wait", "60", "connection", *arguments], check=True)
