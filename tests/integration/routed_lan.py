"""A host of the home's network that sends packets for Docker's bridge to the gateway.

    containers 172.18.4.2 .3 .4 ── br-hems  gateway 172.18.4.1  eth0 .1 ── stranger 192.0.2.50

The gateway has balena's firewall and the rules of some Docker, forwards, and does not check the
source of packets (rp_filter off). nginx's container publishes 443.
"""

from __future__ import annotations

import socket
from contextlib import suppress

from tests.integration.host_firewall import CONTAINER, D2L_PORT, GATEWAY, HostFirewall
from tests.integration.namespaces import Namespace

STRANGER, LAN = "192.0.2.50", "192.0.2.1"
SPOOFED = "172.18.4.9"
HOME_ASSISTANT, INFLUXDB, NGINX = "172.18.4.2", "172.18.4.3", CONTAINER
DOOR = 443
# What nobody but the bridge and the host may reach.
CLOSED = (
    (GATEWAY, D2L_PORT),
    (HOME_ASSISTANT, 1883),
    (HOME_ASSISTANT, 8123),
    (INFLUXDB, 8086),
    (NGINX, 8080),
)
UDP = ((GATEWAY, 7846), (HOME_ASSISTANT, 5353))
TIMEOUT_S = 0.3


class RoutedLan(HostFirewall):
    """Use as a context manager; `docker` are Docker's rules, `iptables` the flavour of all."""

    def __init__(self, iptables: str, docker: str) -> None:
        super().__init__(iptables)
        self._docker = docker
        self._udp: dict[tuple[str, int], socket.socket] = {}

    def __enter__(self) -> RoutedLan:
        super().__enter__()
        self.stranger = Namespace()
        try:
            self._connect()
            self._make_docker_rules()
            containers = [one for one in (*CLOSED, (NGINX, DOOR)) if one[0] != GATEWAY]
            self._listeners += [self.container.listen(port, host) for host, port in containers]
            self._udp = {one: self._receiver(*one) for one in UDP}
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for receiver in self._udp.values():
            receiver.close()
        self.stranger.close()
        super().__exit__()

    def reached(self) -> list[tuple[str, int]]:
        """Return what of CLOSED the stranger reaches."""
        return [one for one in CLOSED if self.stranger.reaches(*one, TIMEOUT_S)]

    def reached_with_udp(self, source: str) -> list[tuple[str, int]]:
        """Return which of UDP receive a datagram that the stranger sends as `source`."""

        def send() -> None:
            with socket.socket(type=socket.SOCK_DGRAM) as sender:
                sender.bind((source, 0))
                for target in UDP:
                    sender.sendto(b"hello", target)

        self.stranger.call(send)
        return [target for target, receiver in self._udp.items() if has_received(receiver)]

    def door_is_open(self) -> bool:
        """Tell whether a published port answers, at the gateway's address."""
        return self.stranger.reaches(LAN, DOOR, TIMEOUT_S)

    def containers_are_served(self) -> bool:
        """Tell whether a container reaches the host and the home's network, and the host itself."""
        return all(
            (
                self.is_open(),
                self.container.reaches(STRANGER, DOOR, TIMEOUT_S),
                self.gateway.reaches(GATEWAY, D2L_PORT, TIMEOUT_S),
                self.gateway.reaches(HOME_ASSISTANT, 8123, TIMEOUT_S),
            )
        )

    def reaches_link_local(self) -> bool:
        """Tell whether the stranger reaches the only IPv6 address that the bridge has."""
        words = self.gateway.run("ip", "-6", "-o", "address", "show", "dev", "br-hems").split()
        (address,) = [word.partition("/")[0] for word in words if word.startswith("fe80")]
        return self.stranger.reaches(f"{address}%eth0", DOOR, TIMEOUT_S)

    def rename_bridge(self, name: str) -> None:
        """Give the bridge another name, as Docker does when it makes the network again."""
        self.gateway.run("ip", "link", "set", "br-hems", "down")
        self.gateway.run("ip", "link", "set", "br-hems", "name", name)
        self.gateway.run("ip", "link", "set", name, "up")

    def _connect(self) -> None:
        gateway, stranger, container = self.gateway, self.stranger, self.container
        add = ["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0"]
        gateway.run(*add, "netns", str(stranger.pid))
        for link in ("lo", "eth0"):
            stranger.run("ip", "link", "set", link, "up")
            gateway.run("ip", "link", "set", link, "up")
        gateway.run("ip", "address", "add", f"{LAN}/24", "dev", "eth0")
        stranger.run("ip", "address", "add", f"{STRANGER}/24", "dev", "eth0")
        stranger.run("ip", "address", "add", f"{SPOOFED}/32", "dev", "lo")
        stranger.run("ip", "route", "add", "172.18.4.0/24", "via", LAN)
        for address in (HOME_ASSISTANT, INFLUXDB):
            container.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
        container.run("ip", "route", "add", "default", "via", GATEWAY)
        gateway.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        for interface in ("all", "default", "eth0", "br-hems"):
            gateway.run("sysctl", "-qw", f"net.ipv4.conf.{interface}.rp_filter=0")
        self._listeners += [stranger.listen(DOOR), self._on_every_address()]

    def _on_every_address(self) -> socket.socket:
        """Return a socket of the host that accepts connections on IPv6 too."""
        family = socket.AF_INET6
        made: socket.socket = self.gateway.call(
            lambda: socket.create_server(("::", DOOR), family=family)
        )
        return made

    def _make_docker_rules(self) -> None:
        if self._docker.startswith("table"):
            self.gateway.run("nft", "-f", "-", text=self._docker)
        else:
            self.gateway.run(f"{self.iptables}-restore", "--noflush", text=self._docker)

    def _receiver(self, address: str, port: int) -> socket.socket:
        space = self.gateway if address == GATEWAY else self.container

        def bound() -> socket.socket:
            receiver = socket.socket(type=socket.SOCK_DGRAM)
            receiver.bind((address, port))
            receiver.settimeout(TIMEOUT_S)
            return receiver

        made: socket.socket = space.call(bound)
        return made


def has_received(receiver: socket.socket) -> bool:
    with suppress(TimeoutError):
        return bool(receiver.recv(100))
    return False
