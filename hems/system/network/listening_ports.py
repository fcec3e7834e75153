"""List the TCP ports at which programs of this network namespace accept connections."""

from __future__ import annotations

import ipaddress

import psutil

from hems.errors import Unavailable


def listening_ports() -> list[tuple[str, int]]:
    """Return the address and port of each listener that another machine may reach, sorted.

    Loopback is left out. Raises Unavailable if the kernel refuses.
    """
    try:
        connections = psutil.net_connections("tcp")
    except (OSError, psutil.Error) as error:
        raise Unavailable(f"the listening ports cannot be read: {error}") from error
    own = {
        (str(one.laddr.ip), int(one.laddr.port))
        for one in connections
        if one.status == psutil.CONN_LISTEN
    }
    return sorted(pair for pair in own if not ipaddress.ip_address(pair[0]).is_loopback)
