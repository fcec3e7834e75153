"""Links and addresses of this machine, as the kernel tells them without a packet.

There is a link when a default route (IPv4) leads through an interface that runs, that is, has
a carrier: NetworkManager removes the route when a cable is pulled or the Wi-Fi is lost, and the
carrier catches what has just happened. Asked in the network namespace of this process;
/sys/class/net would show that of whoever mounted it.
"""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from array import array
from collections.abc import Callable
from pathlib import Path

from hems.errors import Unavailable

ROUTES = Path("/proc/net/route")
DEFAULT = "00000000"
RTF_UP = 1  # linux/route.h
SIOCGIFFLAGS = 0x8913  # linux/sockios.h, netdevice(7)
IFF_POINTOPOINT = 0x10  # linux/if.h
IFF_RUNNING = 0x40
IFREQ = struct.Struct("16sH22x")  # name, flags
SIOCGIFCONF = 0x8912
IFCONF = struct.Struct("iP")  # length in bytes, pointer to ifreqs
IFREQ_ADDRESS = struct.Struct("16sHH4s16x")  # name, family, port, address: a sockaddr_in
MAX_ADDRESSES = 256


def is_running(interface: str) -> bool:
    """Tell whether `interface` is there, up and has a carrier."""
    return bool(_flags(interface.encode()) & IFF_RUNNING)


def _flags(interface: bytes) -> int:
    """Return what the kernel says of `interface`, nothing if there is none any more."""
    request = IFREQ.pack(interface, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            answer = fcntl.ioctl(any_socket, SIOCGIFFLAGS, request)
        except OSError:
            return 0
    flags: int = IFREQ.unpack(answer)[1]
    return flags


def has_link(routes: Path = ROUTES, is_usable: Callable[[str], bool] = is_running) -> bool:
    """Tell whether a default route is usable. Raises Unavailable when the kernel does not say."""
    try:
        lines = routes.read_text().splitlines()[1:]
    except OSError as error:
        raise Unavailable(f"{routes} cannot be read: {error.strerror}") from error
    return any(is_usable(name) for name in _default_interfaces(lines))


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


def addresses() -> list[str]:
    """Return the IPv4 addresses by which others may reach this machine, loopback included.

    Those of point-to-point links are left out: balena's VPN has another one at each connection,
    and nobody in the home uses it. netdevice(7), SIOCGIFCONF. Raises Unavailable when the kernel
    does not say.
    """
    room = array("B", bytes(MAX_ADDRESSES * IFREQ_ADDRESS.size))
    request = IFCONF.pack(len(room), room.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            answer = fcntl.ioctl(any_socket, SIOCGIFCONF, request)
        except OSError as error:
            raise Unavailable(f"the addresses cannot be had: {error.strerror}") from error
    length = IFCONF.unpack(answer)[0]
    found = IFREQ_ADDRESS.iter_unpack(room.tobytes()[:length])
    return [
        str(ipaddress.IPv4Address(address))
        for name, _, _, address in found
        if not _flags(name) & IFF_POINTOPOINT
    ]
