"""The directives of socket activation."""

from typing import NamedTuple

from hems.supervision.settings import listen_address
from hems.supervision.settings.directive import Directive, boolean, count
from hems.supervision.settings.listen_address import ListenAddress
from hems.supervision.worker.notification_values import descriptor_name

SOCKET = "systemd.socket(5)"


class SocketSettings(NamedTuple):
    """`listen` in the order of the directives; `mode`, `user` and `group` are of Unix sockets."""

    listen: tuple[ListenAddress, ...] = ()
    descriptor_name: str = ""  # empty: the unit's name
    backlog: int = 4096
    mode: int = 0o666
    user: str = ""
    group: str = ""
    is_port_reused: bool = False
    is_bound_freely: bool = False


def mode(value: str) -> int:
    """Return the access mode that is written in octal digits."""
    if not (0 < len(value) <= 5 and set(value) <= set("01234567") and int(value, 8) <= 0o7777):
        raise ValueError(f"found {value!r}, expected an octal mode such as 0660")
    return int(value, 8)


DIRECTIVES = (
    Directive(
        "ListenStream",
        "sockets.listen",
        listen_address.stream,
        "",
        "Listen here, TCP or Unix, and pass the socket to the process with $LISTEN_FDS. It stays "
        "open while the unit restarts or is updated, so no connection is refused. With "
        "autostart=false the first connection starts the unit. May occur several times",
        SOCKET,
        "It is a directive of the unit itself, as with Accept=no. supervisord opens it, with its "
        "own user. A unit that was stopped on request or has failed is not started by a "
        "connection. `supervisorctl reload` closes all sockets and opens them again",
        is_list=True,
    ),
    Directive(
        "ListenDatagram",
        "sockets.listen",
        listen_address.datagram,
        "",
        "As ListenStream, for UDP or Unix datagrams",
        SOCKET,
        is_list=True,
    ),
    Directive(
        "FileDescriptorName",
        "sockets.descriptor_name",
        descriptor_name,
        "the unit's name",
        "The name of these sockets in $LISTEN_FDNAMES",
        SOCKET,
        "The default is the unit's name without a suffix, and without the group before a colon",
    ),
    Directive(
        "Backlog",
        "sockets.backlog",
        count,
        "4096",
        "The most connections that wait for the process to accept them, up to net.core.somaxconn",
        SOCKET,
    ),
    Directive(
        "SocketMode", "sockets.mode", mode, "0666", "The access mode of a Unix socket", SOCKET
    ),
    Directive("SocketUser", "sockets.user", str, "", "The owner of a Unix socket", SOCKET),
    Directive("SocketGroup", "sockets.group", str, "", "The group of a Unix socket", SOCKET),
    Directive(
        "ReusePort",
        "sockets.is_port_reused",
        boolean,
        "no",
        "Other sockets may listen on the same port (SO_REUSEPORT)",
        SOCKET,
    ),
    Directive(
        "FreeBind",
        "sockets.is_bound_freely",
        boolean,
        "no",
        "The IP address may appear later, such as that of a bridge (IP_FREEBIND)",
        SOCKET,
    ),
)
