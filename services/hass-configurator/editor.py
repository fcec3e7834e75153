"""Serve hass-configurator on port 3218: behind a login, in /config only, without commands or git.

The package's own start takes its password from the command line or a file, serves without one
when it has none, and bans addresses after wrong passwords: behind nginx that is one address for
everybody. It also changes files anywhere, and empties them before it writes. So only what it
answers to GET is used.
"""

from __future__ import annotations

import json
import logging
import mimetypes
import os
import re
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import changes
from hass_configurator import configurator
from login import Login, is_foreign, visitor

CHANGES = ("save", "upload", "rename", "delete", "newfile", "newfolder", "prefs")
LARGEST_UPLOAD = 16_000_000  # bytes: in /tmp, which counts as memory, of which there are 96 MB
LARGEST_FORM = 4_000_000  # bytes: several times in memory
HIDDEN = ["*.db", "*.db-*", "__pycache__"]
_ASSET = re.compile(r"/((?:ace|mdi|materialize)/[\w./-]+)$")


@dataclass(frozen=True)
class Places:
    config: Path = Path("/config")
    secrets: Path = Path("/gateway/secrets")
    page: Path = Path("/opt/page")
    port: int = 3218


class Handler(configurator.RequestHandler):  # type: ignore[misc] # the package has no types
    """The package's handler for those who are logged in; the login's question for the others."""

    timeout = 60
    login: Login
    files: changes.Files
    page: Path

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        if not self._is_admitted():
            return
        asset = _ASSET.search(urlsplit(self.path).path)
        if asset:
            self._send_asset((self.page / asset[1]).resolve())
        else:
            super().do_GET()

    def do_POST(self) -> None:  # noqa: N802
        if not self._is_admitted():
            return
        change = urlsplit(self.path).path.rpartition("/api/")[2]
        if is_foreign(self.headers.get("Origin"), self.headers.get("Host")):
            self.send_error(403, "Another site's page sent this")
        elif change not in CHANGES:
            self.send_error(403, "This editor changes files only")
        elif self._fits(LARGEST_UPLOAD if change == "upload" else LARGEST_FORM):
            if change == "prefs":
                super().do_POST()
            else:
                self._change(change)

    def _is_admitted(self) -> bool:
        who = visitor(self.client_address[0], self.headers.get("X-Forwarded-For"))
        if self.login.admits(self.headers.get("Authorization"), who):
            return True
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="SmartCORE", charset="UTF-8"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def _fits(self, largest: int) -> bool:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self.send_error(411)
        elif int(length) > largest:
            self._swallow(int(length))  # a browser reads no answer before it has sent all
            self.send_error(413)
        else:
            return True
        return False

    def _swallow(self, left: int) -> None:
        while left > 0 and (part := self.rfile.read(min(left, 65_536))):
            left -= len(part)

    def _change(self, change: str) -> None:
        answer: dict[str, object] = {"error": False, "message": "Done"}
        try:
            path = self._upload() if change == "upload" else self._form(change)
            answer["path"] = str(path)
        except (OSError, ValueError, LookupError, TypeError) as error:
            answer = {"error": True, "message": str(error), "path": ""}
        self._send(json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _form(self, change: str) -> Path:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        return changes.apply(self.files, change, dict(parse_qsl(body, keep_blank_values=True)))

    def _upload(self) -> Path:
        form = configurator.cgi.FieldStorage(
            fp=self.rfile, headers=self.headers, environ={"REQUEST_METHOD": "POST"}
        )
        path = Path(form["path"].value, form["file"].filename)
        self.files.write(path, form["file"].file)
        return path

    def _send_asset(self, path: Path) -> None:
        if not path.is_relative_to(self.page) or not path.is_file():
            self.send_error(404)
            return
        kind = mimetypes.guess_type(path)[0] or "font/woff2"
        headers = {"Content-Type": kind, "Cache-Control": "private, max-age=86400"}
        self._send(path.read_bytes(), headers)

    def _send(self, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def serve(places: Places) -> None:
    """Serve until SIGTERM."""
    Handler.login = Login(os.environ, places.secrets)
    Handler.files = changes.Files(places.config)
    Handler.page = places.page.resolve()
    configurator.BASEPATH = str(places.config)
    configurator.ENFORCE_BASEPATH = True
    configurator.HASS_API = None  # its panels would need a token of Home Assistant
    configurator.IGNORE_PATTERN = HIDDEN
    configurator.HIDEHIDDEN = True
    configurator.LOG.setLevel(logging.WARNING)
    os.chdir(places.config)
    server = configurator.SimpleServer(("0.0.0.0", places.port), Handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.serve_forever()


if __name__ == "__main__":
    serve(Places())
