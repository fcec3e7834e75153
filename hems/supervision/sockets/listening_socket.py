"""Open one listening socket, with the settings of its unit."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from pathlib import Path

from hems.supervision.settings.listen_address import ListenAddress, Transport
from hems.supervision.settings.socket_directives import SocketSettings

IP_FREEBIND = 15  # linux/in.h; the socket module has no name for it
_KINDS = {Transport.STREAM: socket.SOCK_STREAM, Transport.DATAGRAM: socket.SOCK_DGRAM}


def open_socket(address: ListenAddress, settings: SocketSettings) -> socket.socket:
    """Return a socket that is bound, and listens if it is a stream. Raises OSError, LookupError."""
    if address.host == "::" and not _has_ipv6():
        address = address._replace(host="0.0.0.0")
    family = socket.AF_UNIX if address.path else socket.AF_INET
    if ":" in address.host:
        family = socket.AF_INET6
    end = socket.socket(family, _KINDS[address.transport])
    try:
        if address.path:
            _bind_path(end, address, settings)
        else:
            _bind_port(end, address, settings)
        if address.transport is Transport.STREAM:
            end.listen(settings.backlog)
    except BaseException:
        end.close()
        raise
    return end


def _has_ipv6() -> bool:
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close()
    except OSError:
        return False
    return True


def _bind_port(end: socket.socket, address: ListenAddress, settings: SocketSettings) -> None:
    """Bind to an IP address; `::` is every address, of IPv4 too."""
    if address.transport is Transport.STREAM:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if settings.is_port_reused:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if settings.is_bound_freely:
        end.setsockopt(socket.SOL_IP, IP_FREEBIND, 1)  # applies to IPv6, too: ip(7)
    if end.family == socket.AF_INET6:
        end.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address.host != "::")
    end.bind((address.host, address.port))


def _bind_path(end: socket.socket, address: ListenAddress, settings: SocketSettings) -> None:
    """Bind a Unix socket; take the place of a socket file that nobody serves."""
    if address.path.startswith("@"):
        end.bind(f"\0{address.path[1:]}")
        return
    path = Path(address.path)
    mask = os.umask(0o022)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.umask(0o777 & ~settings.mode)
        if _is_left_over(path, end.type):
            path.unlink()
        end.bind(address.path)
    finally:
        os.umask(mask)
    if settings.user or settings.group:
        shutil.chown(path, settings.user or None, settings.group or None)  # type: ignore[arg-type]


def _is_left_over(path: Path, kind: int) -> bool:
    """Return whether `path` is a socket at which nobody listens."""
    if not path.is_socket():
        return False
    with socket.socket(socket.AF_UNIX, kind) as probe:
        probe.setblocking(False)
        return probe.connect_ex(str(path)) == errno.ECONNREFUSED
