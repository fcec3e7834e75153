"""The HTTP client for the services of this gateway, built on `requests`.

It uses no proxy and no .netrc, follows no redirect, keeps no cookie and opens a connection for
each request: requests are rare, and a service may close an idle connection just when the next
request is sent. It does not unpack a compressed body, so the size limit of http_deadline.py
holds.
"""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypedDict, Unpack
from urllib.parse import SplitResult, urlsplit

import msgspec
import requests
import urllib3
from urllib3.exceptions import HTTPError, LocationParseError

from hems.clients.http_deadline import DeadlineAdapter
from hems.errors import HemsError, ProtocolError, Rejected, Unavailable
from hems.protocols.json_decoding import decode_json

HTTP_PORT = 80
PIECE = 65_536  # bytes
MAX_REASON = 200  # characters of a peer's error message
NO_LAST_CHUNK = "Response ended prematurely"  # urllib3's words


@dataclass(frozen=True)
class HttpResponse:
    """What a peer answered: the status (100 to 999) and the body."""

    status: int
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_json_object(self) -> bool:
        """Return whether the body is a JSON object."""
        with contextlib.suppress(ProtocolError):
            decode_json(self.body, dict[str, object], "a body")
            return True
        return False

    @property
    def reason(self) -> str:
        """Return the reason that the body of a refusal gives: up to MAX_REASON characters."""
        return error_message(self.body)[:MAX_REASON]


class HttpContent(TypedDict, total=False):
    """What a request may carry, by the names of requests: a query, and a body.

    The body is JSON, a form, or files: name and content by their fields.
    """

    params: Mapping[str, str]
    json: object
    data: Mapping[str, str]
    files: Mapping[str, tuple[str, bytes]]


class HttpClient:
    """Sends requests to the service `peer`, which listens on `address` (host, port).

    The methods raise Unavailable without a complete response within `timeout_s`, ProtocolError
    when it is not HTTP or too long, and Rejected when a header cannot be sent. Errors name the
    peer, the method and the path, and never a header.
    """

    def __init__(self, peer: str, address: tuple[str, int]) -> None:
        host, port = address
        self._peer = peer
        self._origin = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._session = _Session()

    def request(
        self,
        method: str,
        path: str,
        timeout_s: float,
        headers: Mapping[str, str] | None = None,
        **content: Unpack[HttpContent],
    ) -> HttpResponse:
        """Return the response to a request with these headers and this content.

        `timeout_s` limits the whole exchange, except the time to resolve a name.
        """
        encoded = {name: value.encode() for name, value in (headers or {}).items()}
        request = requests.Request(method, f"{self._origin}{path}", encoded, **content)
        with self._exchange(request, path, timeout_s) as response:
            body = b"".join(response.raw.stream(PIECE, decode_content=False))
            return HttpResponse(response.status_code, body)

    def status(self, path: str, timeout_s: float) -> int:
        """Return the status (100 to 999) of the response to GET `path`; read no body."""
        request = requests.Request("GET", f"{self._origin}{path}")
        with self._exchange(request, path, timeout_s) as response:
            return response.status_code

    @contextmanager
    def _exchange(
        self, request: requests.Request, path: str, timeout_s: float
    ) -> Iterator[requests.Response]:
        name = f"{self._peer}, {request.method} {path}"
        try:
            prepared = self._session.prepare_request(request)
        except requests.exceptions.InvalidHeader:  # its text shows the header
            raise Rejected(f"{name}: the key or token has a line break or begins blank") from None
        except requests.RequestException as error:
            raise _hems_error(error, name, timeout_s) from None
        total: Any = urllib3.Timeout(total=timeout_s)  # requests passes it on to urllib3
        try:
            with self._session.send(prepared, timeout=total, stream=True) as response:
                yield response
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _hems_error(error, name, timeout_s) from None


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self.headers.update(
            {"User-Agent": "hems", "Accept-Encoding": "identity", "Connection": "close"}
        )
        self.adapters.clear()
        self.mount("http://", DeadlineAdapter())

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: requests would read the body of a redirect even if it does not follow."""


def http_status(url: str, timeout_s: float) -> int:
    """Return the status (100 to 999) of the response to GET `url`, an http:// one.

    Raises what HttpClient raises.
    """
    parts = urlsplit(url)
    peer = HttpClient(parts.netloc, (parts.hostname or "", parts.port or HTTP_PORT))
    return peer.status(request_target(parts), timeout_s)


def request_target(url: SplitResult) -> str:
    """Return the path and the query of `url`, as a request contains them (RFC 9112, 3.2.1)."""
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


class _ErrorBody(msgspec.Struct):
    message: str = ""
    Error: str = ""  # version 1 of the balena Supervisor's API
    errors: dict[str, str] = {}  # by field of a form, of Home Assistant


def error_message(body: bytes) -> str:
    """Return what the body of an error says, in one line: a JSON member or plain text."""
    try:
        error = decode_json(body, _ErrorBody, "an error")
        fields = ", ".join(f"{name}: {what}" for name, what in error.errors.items())
        text = error.message or error.Error or fields
    except ProtocolError:
        text = body.decode(errors="replace")
    return " ".join(text.split()) or "no reason given"


def _hems_error(error: BaseException, request: str, timeout_s: float) -> HemsError:
    """Return the error of hems for one of requests, urllib3, http.client or the socket."""
    error = _root_cause(error)
    if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
        return Unavailable(f"{request}: no answer within {timeout_s:g} s")
    if isinstance(error, UnicodeError | LocationParseError | requests.exceptions.InvalidURL):
        return Unavailable(f"{request}: the host name is not valid")
    if isinstance(error, OSError):
        return Unavailable(f"{request}: {error.strerror or error}")
    return ProtocolError(f"{request}: {_violation(error)}")


def _violation(error: BaseException) -> str:
    """Return how a response violates HTTP: it is another protocol's, or it was cut off."""
    if isinstance(error, http.client.BadStatusLine):
        return f"found {str(error)[:40]!r}, expected an HTTP status line"
    if isinstance(error, urllib3.exceptions.InvalidChunkLength):
        return f"found {error.length!r}, expected the length of a chunk"
    if isinstance(error, urllib3.exceptions.IncompleteRead):
        return f"the body ends after {error.partial} bytes, {error.expected} are missing"
    if isinstance(error, http.client.IncompleteRead):
        count, missing = len(error.partial), error.expected
        return f"the body ends after {count} bytes of a chunk, {missing} are missing"
    if str(error) == NO_LAST_CHUNK:
        return "the body ends before its last chunk"
    return str(error)


def _root_cause(error: BaseException) -> BaseException:
    """Return the innermost error; the packages keep it in three different places."""
    places = (error.__cause__, getattr(error, "reason", None), *error.args)
    inner = next((place for place in places if isinstance(place, BaseException)), None)
    return error if inner is None else _root_cause(inner)
