"""A home inside the guest: Docker's bridge with containers on it, and a Wi-Fi station.

    container 172.18.4.2, .4 ── hems 172.18.4.1 │ guest │ wlan0 10.42.0.1 ≈ radio ≈ wlan1 station

Container and station are network namespaces; nginx has the second address. NetworkManager and
Docker use legacy iptables, as on balenaOS. Docker's rules are those of version 28, which also
forbid the way into a container.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.hil.guest import Guest

CONTAINER, CONTAINER_ADDRESS, NGINX_ADDRESS = "container", "172.18.4.2", "172.18.4.4"
STATION, HOTSPOT, PASSWORD = "station", "hems-hotspot", "only in tests"
CHANNEL, MHZ = "6", "2437"  # IEEE 802.11, 2.4 GHz band

NETWORK_MANAGER = """
[main]
firewall-backend=iptables
no-auto-default=*
[keyfile]
unmanaged-devices=interface-name:wlan1;interface-name:hwsim0;interface-name:hems;type:veth
"""
DOCKER_28 = """
*raw
-A PREROUTING -d 172.18.4.2/32 ! -i hems -j DROP
-A PREROUTING -d 172.18.4.4/32 ! -i hems -j DROP
COMMIT
*nat
-A POSTROUTING -s 172.18.4.0/24 ! -o hems -j MASQUERADE
COMMIT
*filter
:FORWARD DROP
:DOCKER -
:DOCKER-FORWARD -
:DOCKER-USER -
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-FORWARD
-A DOCKER ! -i hems -o hems -j DROP
-A DOCKER-FORWARD -o hems -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD -o hems -j DOCKER
-A DOCKER-FORWARD -i hems -j ACCEPT
COMMIT
"""
SUPPLICANT = f"""
network={{
    ssid="{HOTSPOT}"
    psk="{PASSWORD}"
    key_mgmt=WPA-PSK
    scan_freq={MHZ}
}}
"""


def add_container(guest: Guest) -> None:
    """Make the bridge and the container on it, which also plays the way to the internet."""
    for command in (
        "ip link add hems type bridge",
        "ip address add 172.18.4.1/24 dev hems",
        "ip link set hems up",
        f"ip netns add {CONTAINER}",
        f"ip link add veth0 type veth peer name eth0 netns {CONTAINER}",
        "ip link set veth0 master hems up",
        f"ip -n {CONTAINER} address add {CONTAINER_ADDRESS}/24 dev eth0",
        f"ip -n {CONTAINER} address add {NGINX_ADDRESS}/24 dev eth0",
        f"ip -n {CONTAINER} link set eth0 up",
        f"ip -n {CONTAINER} route add default via 172.18.4.1",
        f"ip route add default via {CONTAINER_ADDRESS}",
    ):
        guest.run(*command.split())


def open_hotspot(guest: Guest) -> None:
    """Have NetworkManager open an access point with WPA2 on the first of two radios."""
    guest.run("modprobe", "mac80211_hwsim", "radios=2")
    guest.run("update-alternatives", "--set", "iptables", "/usr/sbin/iptables-legacy")
    guest.run("iptables-legacy-restore", "--noflush", stdin=DOCKER_28)
    guest.write("/etc/NetworkManager/conf.d/gateway.conf", NETWORK_MANAGER)
    guest.run("systemctl", "start", "NetworkManager")
    guest.until(
        "wlan0 is there for NetworkManager",
        lambda: "wlan0:disconnected" in guest.run("nmcli", "-t", "-f", "DEVICE,STATE", "device"),
    )
    wanted = ["con-name", HOTSPOT, "ssid", HOTSPOT, "band", "bg", "channel", CHANNEL]
    hotspot = ["device", "wifi", "hotspot", "ifname", "wlan0", *wanted, "password", PASSWORD]
    guest.run("nmcli", "--wait", "60", *hotspot)


def join_station(guest: Guest) -> str:
    """Let the second radio join the hotspot and return the address that it is given."""
    guest.run("ip", "netns", "add", STATION)
    (phy,) = [
        line.split()[1]
        for line in guest.run("iw", "dev", "wlan1", "info").splitlines()
        if "wiphy" in line
    ]
    guest.run("iw", "phy", f"phy{phy}", "set", "netns", "name", STATION)
    start_radio(guest, STATION, SUPPLICANT)
    guest.until("the station has joined", lambda: has_joined(guest))
    guest.run("ip", "netns", "exec", STATION, "dhclient", "-1", "wlan1")
    address = guest.run("ip", "-n", STATION, "-4", "-brief", "address", "show", "wlan1")
    return address.split()[2].partition("/")[0]


def start_radio(guest: Guest, unit: str, supplicant: str) -> None:
    """Let wpa_supplicant use the second radio, as its configuration says, as a unit."""
    path = f"/run/{unit}.conf"
    guest.write(path, supplicant)
    start_in(guest, STATION, unit, "wpa_supplicant", "-i", "wlan1", "-c", path)


def has_joined(guest: Guest) -> bool:
    """Tell whether the second radio is with an access point."""
    return "Connected to" in guest.run("ip", "netns", "exec", STATION, "iw", "wlan1", "link")


def start_in(
    guest: Guest, namespace: str, unit: str, *argv: str, settings: Sequence[str] = ()
) -> None:
    """Start a program under systemd in a network namespace, see Guest.start."""
    where = f"NetworkNamespacePath=/run/netns/{namespace}"
    guest.start(unit, *argv, settings=[where, *settings])
