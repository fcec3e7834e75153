"""Is somebody there? Ways to ask; each raises Unavailable when nobody is, in bounded time.

`is_portal` also proves a way to the internet and back. A TCP connection or a ping proves less,
because a captive portal may let either pass.
"""

from __future__ import annotations

import icmplib

from hems.clients.http_status import connect, http_status
from hems.errors import ProtocolError, Unavailable

NO_CONTENT = 204


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
    """Ping `address` once. Raises Unavailable without an echo within `timeout_s`.

    Tries the unprivileged socket first (icmp(7), ping_group_range), then a raw one.
    """
    try:
        is_alive = _ping(address, timeout_s)
    except icmplib.ICMPLibError as error:
        raise Unavailable(f"ping {address}: {error}") from None
    except OSError as error:
        raise Unavailable(f"ping {address}: {error.strerror or error}") from None
    if not is_alive:
        raise Unavailable(f"ping {address}: no echo within {timeout_s:g} s")


def _ping(address: str, timeout_s: float) -> bool:
    for privileged in (False, True):
        try:
            host = icmplib.ping(address, count=1, timeout=timeout_s, privileged=privileged)
        except icmplib.SocketPermissionError:
            if privileged:
                raise
        else:
            return bool(host.is_alive)
    raise AssertionError("one of the two returns or raises")
