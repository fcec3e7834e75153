"""The editor's page and the files that it loads: fixed content, without a word of any request.

Only a new random number is put into the page each time, the nonce of its Content-Security-Policy:
the browser runs and applies nothing that does not carry it (CSP 3, section 2.3.1).
"""

from __future__ import annotations

import gzip
import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from http_messages import Head, Response

PAGE = "index.html"
NONCE = b"{nonce}"
POLICY = (
    "default-src 'none'; script-src 'nonce-{0}'; style-src 'nonce-{0}'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class _File:
    content: bytes
    compressed: bytes
    tag: str
    media_type: str


class EditorPage:
    """The files of a folder, kept in memory, compressed too."""

    def __init__(self, folder: Path) -> None:
        self._page = (folder / PAGE).read_bytes()
        if NONCE not in self._page:
            raise ValueError(f"{PAGE} has no {NONCE.decode()}")
        others = (path for path in folder.iterdir() if path.name != PAGE)
        self._files = {f"/{path.name}": _file(path) for path in others}

    def response(self, head: Head) -> Response | None:
        """Return the page or one of its files, None for every other request."""
        if head.method != "GET":
            return None
        if head.path == "/":
            return self._page_with_nonce()
        file = self._files.get(head.path)
        return _sent(file, head) if file else None

    def _page_with_nonce(self) -> Response:
        nonce = secrets.token_urlsafe(18)
        headers = {"Content-Type": TYPES[".html"], "Content-Security-Policy": POLICY.format(nonce)}
        return Response(content=self._page.replace(NONCE, nonce.encode()), headers=headers)


def _file(path: Path) -> _File:
    content = path.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()}"'
    return _File(content, gzip.compress(content, mtime=0), tag, TYPES[path.suffix])


def _sent(file: _File, head: Head) -> Response:
    headers = {"Cache-Control": "private, no-cache", "ETag": file.tag, "Vary": "Accept-Encoding"}
    if head.headers.get("If-None-Match") == file.tag:
        return Response(304, headers=headers)
    headers["Content-Type"] = file.media_type
    if "gzip" in head.headers.get("Accept-Encoding", ""):
        return Response(content=file.compressed, headers={**headers, "Content-Encoding": "gzip"})
    return Response(content=file.content, headers=headers)
