"""One HTTP request of which only the answer's status line is read, within one deadline.

A client library waits its time-out anew for every piece that comes; a peer that sends a byte
now and then would hold it for ever. Plain HTTP/1.1 only: RFC 9112, section 4.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from hems.errors import ProtocolError, Unavailable

HTTP_PORT = 80
MAX_LINE = 1024
MAX_PIECE = 65536
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])[ \r]")


def connect(host: str, port: int, timeout_s: float) -> socket.socket:
    """Return a TCP connection. Raises Unavailable after `timeout_s`, or sooner when refused."""
    try:
        return socket.create_connection((host, port), timeout_s)
    except TimeoutError:
        raise Unavailable(f"{host}:{port} did not answer within {timeout_s:g} s") from None
    except UnicodeError:  # a name with an empty or too long label
        raise Unavailable(f"{host}:{port}: that is no host's name") from None
    except OSError as error:
        raise Unavailable(f"{host}:{port}: {error.strerror or error}") from None


def http_status(url: str, timeout_s: float) -> int:
    """Return the status (100 to 599) that GET `url`, an http:// one, is answered with.

    `timeout_s` is for connecting, to each of the host's addresses, and again for the answer;
    a name is resolved in the resolver's own time. Raises Unavailable when there is no answer,
    ProtocolError when it is not HTTP.
    """
    target = urlsplit(url)
    host, port = target.hostname or "", target.port or HTTP_PORT
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    request = f"GET {path} HTTP/1.1\r\nHost: {target.netloc}\r\nConnection: close\r\n\r\n"
    with connect(host, port, timeout_s) as connection:
        deadline = time.monotonic() + timeout_s
        try:
            connection.sendall(request.encode())
            line = _first_line(connection, deadline)
        except TimeoutError:
            raise Unavailable(f"{url} did not answer within {timeout_s:g} s") from None
        except OSError as error:
            raise Unavailable(f"{url}: {error.strerror or error}") from None
    found = STATUS_LINE.match(line)
    if found is None:
        raise ProtocolError(f"{url}: found {line[:40]!r}, expected an HTTP status line")
    return int(found[1])


def pieces(connection: socket.socket, deadline: float) -> Iterator[bytes]:
    """Yield what comes until the peer hangs up; raise TimeoutError at `deadline` (monotonic s)."""
    while True:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        connection.settimeout(left_s)
        received = connection.recv(MAX_PIECE)
        if not received:
            return
        yield received


def _first_line(connection: socket.socket, deadline: float) -> bytes:
    line = b""
    for piece in pieces(connection, deadline):
        line += piece
        if b"\n" in line or len(line) >= MAX_LINE:
            return line
    raise ConnectionError("it hung up without an answer")
