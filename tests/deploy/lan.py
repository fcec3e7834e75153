"""The gateway's bridge network and a home's network, as two namespaces.

    house 172.18.4.1 .2 .3 .6 .7 ── veth ── proxy 172.18.4.4
          192.0.2.7 and .8, two clients

The house holds everything that nginx talks to, each at its address in docker-compose.yml, and
who talks to nginx. So nginx's files run as they are, and every address is the one a site has.
"""

from __future__ import annotations

import socket

from tests.integration.namespaces import Namespace

BRIDGE, HOME_ASSISTANT, INFLUXDB = "172.18.4.1", "172.18.4.2", "172.18.4.3"
PROXY, CONFIGURATOR, BROKER = "172.18.4.4", "172.18.4.6", "172.18.4.7"
CLIENT, OTHER_CLIENT = "192.0.2.7", "192.0.2.8"


class Lan:
    """Both namespaces, connected."""

    def __init__(self) -> None:
        self.house = Namespace()
        self.proxy = Namespace()
        house = self.house
        for space in (house, self.proxy):
            space.run("ip", "link", "set", "lo", "up")
        add = ["ip", "link", "add", "br-hems", "type", "veth", "peer", "name", "eth0"]
        house.run(*add, "netns", str(self.proxy.pid))
        house.run("ip", "link", "set", "br-hems", "up")
        for address in (BRIDGE, HOME_ASSISTANT, INFLUXDB, CONFIGURATOR, BROKER):
            house.run("ip", "address", "add", f"{address}/24", "dev", "br-hems")
        for address in (CLIENT, OTHER_CLIENT):
            house.run("ip", "address", "add", f"{address}/32", "dev", "lo")
        self.proxy.run("ip", "link", "set", "eth0", "up")
        self.proxy.run("ip", "address", "add", f"{PROXY}/24", "dev", "eth0")
        self.proxy.run("ip", "route", "add", "default", "via", BRIDGE)

    def listen(self, address: str, port: int) -> socket.socket:
        """Return a socket that accepts connections to an address of the house."""
        listener: socket.socket = self.house.call(lambda: socket.create_server((address, port)))
        return listener

    def connect(self, address: str, port: int, source: str = CLIENT) -> socket.socket:
        """Return a connection of a client's."""
        target, own = (address, port), (source, 0)
        connection: socket.socket = self.house.call(
            lambda: socket.create_connection(target, 10, source_address=own)
        )
        return connection

    def close(self) -> None:
        for space in (self.house, self.proxy):
            space.close()
