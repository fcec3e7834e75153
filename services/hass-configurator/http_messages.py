"""Parse the head of a request, and write a response with the headers that every response has.

One request per connection: there is nothing behind it that could be taken for another request.
Every response forbids scripts, frames, other sites and guesses of its type. Only the page itself
brings a Content-Security-Policy that allows more.
"""

from __future__ import annotations

import http
import http.client
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import BinaryIO
from urllib.parse import parse_qsl, unquote

VERSIONS = ("HTTP/1.0", "HTTP/1.1")
NO_CONTENT_ALLOWED = "default-src 'none'; frame-ancestors 'none'; sandbox"
ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": NO_CONTENT_ALLOWED,
    "Content-Type": "text/plain; charset=utf-8",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Connection": "close",
}


class Refused(Exception):
    """The request is refused; `status` and `message` are the response."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Head:
    """The head of a request: `path` is decoded, `query` has the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Message

    @property
    def body_size(self) -> int:
        """Return the size of the body in bytes. Raises Refused if the head leaves it open."""
        if "Transfer-Encoding" in self.headers:
            raise Refused(411, "Send Content-Length.")
        sizes = self.headers.get_all("Content-Length", ["0"])
        if len(sizes) != 1 or not (sizes[0].isascii() and sizes[0].isdecimal()):
            raise Refused(400, "Content-Length is not a number.")
        return int(sizes[0][:12])

    def parameter(self, name: str) -> str:
        """Return a parameter of the query. Raises Refused if it is missing."""
        if name not in self.query:
            raise Refused(400, f"The parameter {name} is missing.")
        return self.query[name]


@dataclass(frozen=True)
class Response:
    """`content` is sent as it is; a file is sent up to `file_size` (bytes) and closed."""

    status: int = 200
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    file: BinaryIO | None = None
    file_size: int = 0

    def head(self) -> bytes:
        """Return the status line and the headers, as they are sent."""
        size = self.file_size if self.file else len(self.content)
        headers = {**ALWAYS, **self.headers}
        if self.status != http.HTTPStatus.NOT_MODIFIED:
            headers["Content-Length"] = str(size)
        lines = [f"HTTP/1.1 {self.status} {http.HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if not all(line.isascii() and line.isprintable() for line in lines):
            raise ValueError("a header has a character that would end or spoil it")
        return "\r\n".join([*lines, "", ""]).encode("ascii")


def json_response(value: object, status: int = 200) -> Response:
    """Return `value` as JSON; names of files that are not UTF-8 stay what they are."""
    content = json.dumps(value).encode("ascii")
    return Response(status, content, {"Content-Type": "application/json"})


def parse_head(data: bytes) -> Head:
    """Return the head of a request, `data` up to and with the empty line. Raises Refused."""
    line, _, rest = data.partition(b"\r\n")
    try:
        method, target, version = line.decode("ascii").split(" ")
        headers = http.client.parse_headers(io.BytesIO(rest))
    except (ValueError, http.client.HTTPException):
        raise Refused(400, "This is not a request.") from None
    if version not in VERSIONS or not target.startswith("/") or not method.isalpha():
        raise Refused(400, "This is not a request.")
    path, _, query = target.partition("?")
    try:
        # File names are bytes: what is not UTF-8 becomes what os.fsencode turns back.
        pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape", max_num_fields=8)
    except ValueError:
        raise Refused(400, "The address has too many parameters.") from None
    return Head(method, unquote(path, errors="surrogateescape"), dict(pairs), headers)
