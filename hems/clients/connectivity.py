"""Is somebody there? Ways to ask; each raises Unavailable when nobody is, in bounded time.

`is_portal` also proves a way to the internet and back. A TCP connection or a ping proves less,
because a captive portal may let either pass.
"""

from __future__ import annotations

import secrets
from ipaddress import ip_address

import icmplib

from hems.clients.http_status import connect, http_status
from hems.errors import ProtocolError, Unavailable

NO_CONTENT = 204
IDENTIFIERS = 0x10000  # RFC 792: 16 bits


def is_portal(url: str, timeout_s: float) -> bool:
    """Ask a page that answers 204 and nothing else; tell whether somebody else answered.

    Raises Unavailable when nobody did. Anything but 204 and a server's error (5xx) is a
    captive portal: mostly a redirect (302, 511) or its own page (200).
    """
    try:
        status = http_status(url, timeout_s)
    except ProtocolError as error:
        raise Unavailable(str(error)) from None
    if status >= 500 and status != 511:  # 511: RFC 6585, "Network Authentication Required"
        raise Unavailable(f"{url} answered {status}, expected {NO_CONTENT}")
    return status != NO_CONTENT


def reach_http(url: str, timeout_s: float) -> None:
    """Ask for a page; any answer will do but a failure of the server's own (5xx).

    502 and 504 are a proxy's word about somebody else: RFC 9110, sections 15.6.3 and 15.6.5.
    Raises Unavailable without such an answer, ProtocolError when it is not HTTP.
    """
    status = http_status(url, timeout_s)
    if status >= 500 and status not in {502, 504}:
        raise Unavailable(f"{url} answered {status}")


def reach_tcp(host: str, port: int, timeout_s: float) -> None:
    """Connect and hang up. Raises Unavailable when that fails."""
    connect(host, port, timeout_s).close()


def reach_icmp(address: str, timeout_s: float) -> None:
    """Ping the IP `address` once. Raises Unavailable without its echo within `timeout_s`.

    Tries the unprivileged socket first (icmp(7), ping_group_range), then a raw one.
    """
    try:
        reply = _reply(address, timeout_s)
        reply.raise_for_status()
    except icmplib.TimeoutExceeded:
        raise Unavailable(f"ping {address}: no echo within {timeout_s:g} s") from None
    except icmplib.ICMPLibError as error:
        raise Unavailable(f"ping {address}: {error}") from None
    except OSError as error:
        raise Unavailable(f"ping {address}: {error.strerror or error}") from None
    if ip_address(reply.source) != ip_address(address):
        raise Unavailable(f"ping {address}: found an echo from {reply.source}")


def _reply(address: str, timeout_s: float) -> icmplib.ICMPReply:
    """Return what comes back, which may be somebody else's word.

    A raw socket hears the replies to everybody's pings. The library counts its identifiers
    from where the interpreter was that all workers are forked from: so a random one.
    """
    request = icmplib.ICMPRequest(address, secrets.randbelow(IDENTIFIERS), 0)
    is_v6 = ip_address(address).version == 6
    open_socket = icmplib.ICMPv6Socket if is_v6 else icmplib.ICMPv4Socket
    for privileged in (False, True):
        try:
            with open_socket(privileged=privileged) as socket:
                socket.send(request)
                return socket.receive(request, timeout_s)
        except icmplib.SocketPermissionError:
            if privileged:
                raise
    raise AssertionError("one of the two returns or raises")
