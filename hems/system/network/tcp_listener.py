"""Listen for TCP connections, on a socket that the supervisor keeps open if there is one."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import socket

from loguru import logger

from hems.errors import Unavailable
from hems.supervision.worker.listen_sockets import listen_sockets

IP_FREEBIND = 15  # linux/in.h; the socket module has no name for it
BACKLOG = 1024


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a non-blocking TCP socket that listens on `host`, an IP address, and `port`.

    It is the supervisor's, if that listens there for this worker. With IP_FREEBIND the address may
    appear later, as that of a container bridge does. Raises Unavailable, which names the process
    that has the port.
    """
    listener = _passed_socket(host, port) or _own_socket(host, port)
    listener.setblocking(False)
    return listener


def _passed_socket(host: str, port: int) -> socket.socket | None:
    """Return the supervisor's socket for this address; close those for another one."""
    listener = None
    for passed in listen_sockets():
        address, number = passed.socket.getsockname()[:2]
        if listener is None and (address, number) == (str(ipaddress.ip_address(host)), port):
            listener = passed.socket
        else:
            logger.warning(
                "the supervisor listens on {} port {}, not on {} port {} as the settings say; "
                "change its ListenStream too, or connections are refused during a restart",
                *(address, number, host, port),
            )
            passed.socket.close()
    return listener


def _own_socket(host: str, port: int) -> socket.socket:
    version = ipaddress.ip_address(host).version
    listener = socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6)
    try:
        listener.setsockopt(socket.SOL_IP, IP_FREEBIND, 1)  # applies to IPv6, too: ip(7)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Unavailable(_explanation(error, host, port)) from None
    return listener


def _explanation(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        holder = port_holder(port)
        return f"port {port} on {host} is in use by {holder}; stop it or choose another port"
    if error.errno == errno.EACCES:
        return f"port {port} on {host} needs more rights; choose one above 1023"
    return f"cannot listen on {host} port {port}: {error.strerror}"


def port_holder(port: int) -> str:
    """Return the name and pid of the process that listens on `port`, if we may see it."""
    import psutil  # noqa: PLC0415 - eesmart-d2l shares no memory, and rarely meets a taken port

    for connection in psutil.net_connections("tcp"):
        is_listening = connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        if is_listening and connection.pid:
            with contextlib.suppress(psutil.Error):  # it ended meanwhile
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return f"another process (`ss -ltnp sport = :{port}` as root names it)"
