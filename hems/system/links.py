"""Whether this machine is on a network at all, as the kernel tells it without a packet.

It is when a default route (IPv4) leads through an interface that has a carrier:
NetworkManager removes the route when a cable is pulled or the Wi-Fi is lost, and the carrier
catches what has just happened. A container on the host's network sees the host's routes.
"""

from __future__ import annotations

from pathlib import Path

from hems.errors import Unavailable

ROUTES = Path("/proc/net/route")
INTERFACES = Path("/sys/class/net")
DEFAULT = "00000000"
RTF_UP = 1  # linux/route.h


def has_link(routes: Path = ROUTES, interfaces: Path = INTERFACES) -> bool:
    """Tell whether a default route is usable. Raises Unavailable when the kernel does not say."""
    try:
        lines = routes.read_text().splitlines()[1:]
    except OSError as error:
        raise Unavailable(f"{routes} cannot be read: {error.strerror}") from error
    return any(_has_carrier(interfaces / name) for name in _default_interfaces(lines))


def _default_interfaces(lines: list[str]) -> list[str]:
    """Return the interfaces of default routes in lines of /proc/net/route, see proc(5).

    Iface Destination Gateway Flags RefCnt Use Metric Mask …: addresses and flags in hex.
    """
    rows = [line.split() for line in lines]
    return [
        row[0]
        for row in rows
        if len(row) > 7 and row[1] == row[7] == DEFAULT and int(row[3], 16) & RTF_UP
    ]


def _has_carrier(interface: Path) -> bool:
    try:
        return (interface / "carrier").read_text().strip() == "1"
    except OSError:  # reading it fails while the interface is down
        return False
