"""A gateway, its containers and a Wi-Fi station, each in a network of its own.

    containers 172.18.4.2 and .4 ── br-hems  gateway 10.42.0.1  wlan0 ── station 10.42.0.9

The second container is nginx, which publishes a port.

The gateway runs the real NetworkManager, which shares wlan0 (a veth: to NetworkManager's
shared mode all links are alike), and has the rules that some Docker would make.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from hems.protocols.firewall.firewall_rule_types import COMMENT
from tests.integration.namespaces import Namespace, require_namespaces
from tests.integration.network_manager import Manager

CONTAINER, NGINX, GATEWAY, STATION = "172.18.4.2", "172.18.4.4", "10.42.0.1", "10.42.0.9"
BRIDGE = "172.18.4.1"
PORT, DOOR, PROBED = 8000, 443, 8080  # of everybody, of nginx, and of nginx for hems alone
TIMEOUT_S = 0.2
PROGRAMS = ("NetworkManager", "dbus-daemon", "dnsmasq", "iptables-legacy", "nft")
HOTSPOT = """\
[connection]
id=hotspot
uuid=8d1f4a3c-5f6b-4c57-9d4e-0d4d5b7f1a11
type=ethernet
interface-name=wlan0

[ipv4]
method=shared
address1=10.42.0.1/24

[ipv6]
method=disabled
"""


@dataclass(frozen=True)
class Firewall:
    """`iptables`: which one NetworkManager finds, legacy or nft; `backend`: what it uses."""

    backend: str
    iptables: str
    docker: str  # iptables-restore's input, or nft's if it begins with a table
    docker_iptables: str


def ready() -> None:
    """Skip or fail unless there is all that a hotspot needs."""
    require_namespaces(*PROGRAMS)


class Hotspot:
    """Use as a context manager; `directory` is for its files."""

    def __init__(self, directory: Path, firewall: Firewall) -> None:
        self._directory = directory
        self._firewall = firewall
        self._spaces: list[Namespace] = []
        self._listeners: list[socket.socket] = []

    def __enter__(self) -> Hotspot:
        try:
            self._spaces = [Namespace() for _ in range(3)]
            self.gateway, self.container, self.station = self._spaces
            self._connect()
            backend = f"firewall-backend={self._firewall.backend}\n"
            self._manager = Manager(self.gateway, self._directory, backend, {"hotspot": HOTSPOT})
            self._choose_iptables()
            self._make_docker_rules()
            self._door = self.container.listen(DOOR)
            self._listeners = [self.container.listen(port) for port in (PORT, PROBED)]
            self._listeners.append(self.gateway.listen(PORT))
            self._listeners.append(self._door)
            self._listeners.append(self.station.listen(PORT))
            self._manager.start_bus()
            self.start_manager()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self._listeners:
            listener.close()
        for space in self._spaces:
            space.close()

    def reaches_station(self, timeout_s: float = TIMEOUT_S) -> bool:
        """Tell whether a container reaches the hotspot."""
        return self.container.reaches(STATION, PORT, timeout_s)

    def reaches_container(self) -> bool:
        """Tell whether the hotspot reaches a container."""
        return self.station.reaches(CONTAINER, PORT, TIMEOUT_S)

    def reaches_door(self, address: str = NGINX) -> bool:
        """Tell whether the hotspot reaches nginx, at its address or at the gateway's."""
        return self.station.reaches(address, DOOR, TIMEOUT_S)

    def is_open(self) -> bool:
        """Tell whether both reach each other: the hotspot only nginx's doors."""
        return self.reaches_station() and self.reaches_door() and self.reaches_door(GATEWAY)

    def address_at_nginx(self) -> str:
        """Return the address that the station has for nginx."""
        with self.station.call(lambda: socket.create_connection((GATEWAY, DOOR), 3)) as station:
            own = station.getsockname()[1]
            while True:
                connection, (address, port) = self._door.accept()
                connection.close()
                if port == own:  # others are of `reaches`
                    return str(address)

    def is_bridge_closed(self) -> bool:
        """Tell whether the hotspot reaches nothing else of the bridge, nor the host's address."""
        others = ((CONTAINER, DOOR), (NGINX, PORT), (NGINX, PROBED), (BRIDGE, PORT))
        reached = [one for one in others if self.station.reaches(*one, TIMEOUT_S)]
        return not reached and not self.reaches_container()

    def start_manager(self) -> None:
        """Start NetworkManager and wait until it shares wlan0."""
        self._manager.start(self._is_shared, "NetworkManager shares wlan0")

    def stop_manager(self) -> None:
        self._manager.stop()

    def nmcli(self, *arguments: str) -> str:
        return self._manager.nmcli(*arguments)

    def make_chain_anew(self) -> None:
        """Take the connection down and up; NetworkManager's chain is new when this returns."""
        self.nmcli("connection", "down", "hotspot")
        self.nmcli("connection", "up", "hotspot")

    def our_chains(self) -> list[tuple[str, str, str]]:
        """Return (iptables-legacy or nft, table, chain) of each rule with the worker's comment."""
        places = []
        table = ""
        for line in self.gateway.run("iptables-legacy-save").splitlines():
            if line.startswith("*"):
                table = line[1:]
            elif line.startswith("-A ") and COMMENT in line:
                places.append(("iptables-legacy", table, line.split()[1]))
        listed = json.loads(self.gateway.run("nft", "--json", "list", "ruleset"))["nftables"]
        rules = [entry["rule"] for entry in listed if "rule" in entry]
        places += [("nft", r["table"], r["chain"]) for r in rules if r.get("comment") == COMMENT]
        return places

    def flush_filters(self) -> None:
        """Empty the chains that filter and have a rule of the worker's."""
        for program, table, chain in set(self.our_chains()):
            if program == "nft" and not {"raw", "nat"} & set(re.split("[-_]", f"{table}-{chain}")):
                self.gateway.run("nft", "flush", "chain", "ip", table, chain)
            elif program != "nft" and table == "filter":
                self.gateway.run(program, "-F", chain)

    def _is_shared(self) -> bool:
        try:
            return "activated" in self.nmcli("-g", "GENERAL.STATE", "connection", "show", "hotspot")
        except AssertionError:  # it has not taken its name on the bus yet
            return False

    def _connect(self) -> None:
        gateway, container, station = self._spaces
        gateway.run("ip", "link", "set", "lo", "up")
        for link, peer, space in (("br-hems", "eth0", container), ("wlan0", "wlan0", station)):
            add = ["ip", "link", "add", link, "type", "veth", "peer", "name", peer]
            gateway.run(*add, "netns", str(space.pid))
            gateway.run("ip", "link", "set", link, "up")
            space.run("ip", "link", "set", peer, "up")
        gateway.run("ip", "address", "add", f"{BRIDGE}/24", "dev", "br-hems")
        for address in (CONTAINER, NGINX):
            container.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
        container.run("ip", "route", "add", "default", "via", BRIDGE)
        station.run("ip", "address", "add", f"{STATION}/24", "dev", "wlan0")
        station.run("ip", "route", "add", "default", "via", GATEWAY)

    def _choose_iptables(self) -> None:
        alternatives = self._directory / "alternatives"
        shutil.copytree("/etc/alternatives", alternatives, symlinks=True)
        (alternatives / "iptables").unlink()
        (alternatives / "iptables").symlink_to(f"/usr/sbin/iptables-{self._firewall.iptables}")
        self.gateway.run("mount", "--bind", str(alternatives), "/etc/alternatives")

    def _make_docker_rules(self) -> None:
        rules = self._firewall.docker
        if rules.startswith("table"):
            self.gateway.run("nft", "-f", "-", text=rules)
        else:
            restore = f"iptables-{self._firewall.docker_iptables}-restore"
            self.gateway.run(restore, "--noflush", text=rules)
