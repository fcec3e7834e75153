"""Read this machine's network links and IPv4 addresses from the kernel, without sending a packet.

There is a link when an IPv4 default route leads through an interface that runs, that is, has a
carrier. NetworkManager removes the route when a cable is pulled or the Wi-Fi is lost; the carrier
shows what has just happened. Everything is read in the network namespace of this process;
/sys/class/net would show the namespace of the process that mounted it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import psutil

from hems.errors import Unavailable

ROUTES = Path("/proc/net/route")
DEFAULT = "00000000"
RTF_UP = 1  # linux/route.h


def is_running(interface: str) -> bool:
    """Return whether `interface` exists, is up and has a carrier."""
    stats = psutil.net_if_stats().get(interface)
    return stats is not None and bool(stats.isup)


def has_link(routes: Path = ROUTES, is_usable: Callable[[str], bool] = is_running) -> bool:
    """Return whether a default route is usable. Raises Unavailable if `routes` is unreadable."""
    try:
        lines = routes.read_text().splitlines()[1:]
        return any(is_usable(name) for name in _default_interfaces(lines))
    except OSError as error:
        raise Unavailable(f"{routes} cannot be read: {error.strerror}") from error


def _default_interfaces(lines: list[str]) -> list[str]:
    """Return the interfaces of the default routes in lines of /proc/net/route, see proc(5).

    Iface Destination Gateway Flags RefCnt Use Metric Mask …: addresses and flags in hex.
    """
    rows = [line.split() for line in lines]
    return [
        row[0]
        for row in rows
        if len(row) > 7 and row[1] == row[7] == DEFAULT and int(row[3], 16) & RTF_UP
    ]


def addresses(*, with_tunnels: bool = False) -> list[str]:
    """Return the IPv4 addresses at which others may reach this machine, loopback included.

    The addresses of point-to-point links are left out unless `with_tunnels`: balena's VPN changes
    its address with each connection, and nobody in the home uses it. Raises Unavailable if the
    kernel refuses.
    """
    return [str(entry.address) for _, entry in _ipv4_entries() if with_tunnels or entry.ptp is None]


def interface_of(network: IPv4Network) -> str:
    """Return the first interface with an address of `network`, empty if there is none.

    Raises Unavailable if the kernel refuses.
    """
    interfaces = (name for name, entry in _ipv4_entries() if IPv4Address(entry.address) in network)
    return next(interfaces, "")


def _ipv4_entries() -> Iterator[tuple[str, Any]]:
    """Yield each interface and IPv4 address, as psutil has it."""
    try:
        interfaces = psutil.net_if_addrs()
    except OSError as error:
        raise Unavailable(f"the addresses cannot be read: {error.strerror}") from error
    for name, entries in interfaces.items():
        yield from ((name, entry) for entry in entries if entry.family == socket.AF_INET)
