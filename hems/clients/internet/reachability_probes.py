"""Single probes of a host or page; each raises Unavailable in bounded time if it is not there.

Only `is_portal` proves a working path to the internet and back: a captive portal may let a TCP
connection or a ping pass. Its peers are strangers, so it reads one status line (RFC 9112,
section 4) from a socket of its own, with one deadline and a size limit, and parses nothing else.
"""

from __future__ import annotations

import re
import secrets
import socket
import time
from ipaddress import ip_address
from urllib.parse import urlsplit

import icmplib

from hems.clients.http import HTTP_PORT, http_status, request_target
from hems.errors import Unavailable

NO_CONTENT = 204
MAX_LINE = 1024  # bytes
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])[ \r]")
IDENTIFIERS = 0x10000  # RFC 792: 16 bits


def is_portal(url: str, timeout_s: float) -> bool:
    """Return whether something other than the page `url` (http://) answers in its place.

    The page must answer 204. Anything else but a server's error (5xx) is a captive portal:
    mostly a redirect (302, 511) or a page of its own (200). `timeout_s` is for connecting, to
    each address of the host, and again for the response; a name is resolved in the resolver's
    own time. Raises Unavailable without an HTTP response.
    """
    status = _stranger_status(url, timeout_s)
    if status >= 500 and status != 511:  # 511: RFC 6585, "Network Authentication Required"
        raise Unavailable(f"{url} answered {status}, expected {NO_CONTENT}")
    return status != NO_CONTENT


def reach_http(url: str, timeout_s: float) -> None:
    """Get a page of a service of this gateway; accept any status but the server's own failure.

    502 and 504 are a proxy's report about another server: RFC 9110, sections 15.6.3 and 15.6.5.
    Raises Unavailable without such a response, ProtocolError when it is not HTTP.
    """
    status = http_status(url, timeout_s)
    if status >= 500 and status not in {502, 504}:
        raise Unavailable(f"{url} answered {status}")


def reach_tcp(host: str, port: int, timeout_s: float) -> None:
    """Connect and disconnect. Raises Unavailable when that fails."""
    _connect(host, port, timeout_s).close()


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


def _connect(host: str, port: int, timeout_s: float) -> socket.socket:
    """Return a TCP connection. Raises Unavailable after `timeout_s`, or sooner when refused."""
    try:
        return socket.create_connection((host, port), timeout_s)
    except TimeoutError:
        raise Unavailable(f"{host}:{port} did not answer within {timeout_s:g} s") from None
    except UnicodeError:  # a label of the name is empty or too long
        raise Unavailable(f"{host}:{port}: the host name is not valid") from None
    except OSError as error:
        raise Unavailable(f"{host}:{port}: {error.strerror or error}") from None


def _stranger_status(url: str, timeout_s: float) -> int:
    """Return the status of the response to GET `url`. Raises Unavailable."""
    parts = urlsplit(url)
    headers = f"Host: {parts.netloc}\r\nConnection: close\r\n"
    request = f"GET {request_target(parts)} HTTP/1.1\r\n{headers}\r\n"
    with _connect(parts.hostname or "", parts.port or HTTP_PORT, timeout_s) as connection:
        deadline = time.monotonic() + timeout_s
        try:
            connection.sendall(request.encode())
            line = _first_line(connection, deadline)
        except TimeoutError:
            raise Unavailable(f"{url} did not answer within {timeout_s:g} s") from None
        except OSError as error:
            raise Unavailable(f"{url}: {error.strerror or error}") from None
    status = STATUS_LINE.match(line)
    if status is None:
        raise Unavailable(f"{url}: found {line[:40]!r}, expected an HTTP status line")
    return int(status[1])


def _first_line(connection: socket.socket, deadline: float) -> bytes:
    """Return at least the first line, or its first MAX_LINE bytes. Raises OSError."""
    line = b""
    while b"\n" not in line and len(line) < MAX_LINE:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        connection.settimeout(left_s)
        piece = connection.recv(MAX_LINE)
        if not piece:
            raise ConnectionError("it closed the connection without an answer")
        line += piece
    return line


def _reply(address: str, timeout_s: float) -> icmplib.ICMPReply:
    """Return the reply to a ping, which may come from another host.

    A raw socket receives the replies to the pings of every process. The library counts its
    identifiers from the state of the interpreter that all workers are forked from, so this
    uses a random one.
    """
    request = icmplib.ICMPRequest(address, secrets.randbelow(IDENTIFIERS), 0)
    is_v6 = ip_address(address).version == 6
    open_socket = icmplib.ICMPv6Socket if is_v6 else icmplib.ICMPv4Socket
    for privileged in (False, True):
        try:
            with open_socket(privileged=privileged) as socket_:
                socket_.send(request)
                return socket_.receive(request, timeout_s)
        except icmplib.SocketPermissionError:
            if privileged:
                raise
    raise AssertionError("one of the two returns or raises")
