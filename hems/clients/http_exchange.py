"""One HTTP request and its whole answer, within one deadline.

HTTP/1.0, so that the answer ends with the connection and comes in no chunks: RFC 9112,
sections 6.1 and 9.3. Plain HTTP to a peer on this machine.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Mapping

from hems.clients.http_status import STATUS_LINE, pieces
from hems.errors import ProtocolError, Unavailable

MAX_ANSWER = 4_000_000  # bytes
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*(?=\r\n|$)", re.IGNORECASE)


def exchange(
    address: tuple[str, int], target: str, headers: Mapping[str, str], body: bytes, timeout_s: float
) -> tuple[int, bytes]:
    """Return the status (100 to 599) and the body that a request is answered with.

    `target` is its method and path. Raises Unavailable when the answer is not whole after
    `timeout_s`, ProtocolError when it is not HTTP or too long.
    """
    fields = {**headers, "Host": address[0], "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    request = f"{target} HTTP/1.0\r\n{head}\r\n".encode() + body
    deadline = time.monotonic() + timeout_s
    try:
        with socket.create_connection(address, timeout_s) as connection:
            connection.sendall(request)
            received = _all(connection, deadline)
    except TimeoutError:
        raise Unavailable(f"no answer within {timeout_s:g} s") from None
    except OSError as error:
        raise Unavailable(error.strerror or str(error)) from None
    return _parsed(received)


def _all(connection: socket.socket, deadline: float) -> bytes:
    received = b""
    for piece in pieces(connection, deadline):
        received += piece
        if len(received) > MAX_ANSWER:
            raise ProtocolError(f"an answer of more than {MAX_ANSWER} bytes")
    return received


def _parsed(received: bytes) -> tuple[int, bytes]:
    head, _, body = received.partition(b"\r\n\r\n")
    status, length = STATUS_LINE.match(head), LENGTH.search(head)
    if status is None:
        raise ProtocolError(f"found {head[:40]!r}, expected an HTTP status line")
    if length is not None and int(length[1]) != len(body):
        raise ProtocolError(f"found {len(body)} bytes, expected {int(length[1])}")
    return int(status[1]), body
