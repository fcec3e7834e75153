"""Listening TCP sockets on addresses that may not exist yet."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket
from pathlib import Path

from hems.errors import Unavailable

IP_FREEBIND = 15  # linux/in.h; the socket module has no name for it
BACKLOG = 1024
LISTEN = "0A"  # linux/tcp_states.h, as /proc/net/tcp shows it


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a non-blocking TCP socket that listens on `host`, an IP address, and `port`.

    IP_FREEBIND: the address may come up later (a container bridge does). Raises
    Unavailable that names the process in the way when the port is taken.
    """
    version = ipaddress.ip_address(host).version
    listener = socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6)
    try:
        listener.setsockopt(socket.SOL_IP, IP_FREEBIND, 1)  # counts for IPv6 too: ip(7)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Unavailable(_explanation(error, host, port)) from None
    listener.setblocking(False)
    return listener


def _explanation(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use by {_holder(port)}; stop it or choose another port"
    if error.errno == errno.EACCES:
        return f"port {port} on {host} needs more rights; choose one above 1023"
    return f"cannot listen on {host} port {port}: {error.strerror}"


def _holder(port: int) -> str:
    """Name the process that listens on `port`, as far as /proc lets us see it."""
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or is another user's
            if str(link.readlink()) in inodes:
                process = link.parents[1]
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
    return f"another process (`ss -ltnp sport = :{port}` as root names it)"


def _listening_inodes(port: int) -> list[str]:
    """Return the inodes of listening sockets on `port` (proc(5): /proc/net/tcp)."""
    inodes = []
    for table in ("tcp", "tcp6"):
        try:
            lines = Path("/proc/net", table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.append(fields[9])
    return inodes
