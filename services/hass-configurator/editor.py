"""Serve hass-configurator on port 3218: with a login, for /config only, without shell or git.

The package's own start is not used. It takes a password from the command line or a file, serves
without one if there is none, and bans addresses after wrong passwords, which behind nginx is one
address for everybody. It also writes outside its folder, and truncates files before it writes.
Only the package's answers to GET are used.
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

import file_changes
from file_changes import EditableFolder
from hass_configurator import configurator
from login import EditorLogin, client_address, is_cross_site

CHANGES = ("save", "upload", "rename", "delete", "newfile", "newfolder", "prefs")
MAX_UPLOAD = 16_000_000  # bytes: /tmp counts as memory, and the container has 96 MB
MAX_FORM = 4_000_000  # bytes: the body is in memory several times
HIDDEN = ["*.db", "*.db-*", "__pycache__"]
_ASSET = re.compile(r"/((?:ace|mdi|materialize)/[\w./-]+)$")


@dataclass(frozen=True)
class Paths:
    config: Path = Path("/config")
    secrets: Path = Path("/gateway/secrets")
    page: Path = Path("/opt/page")
    port: int = 3218


class Handler(configurator.RequestHandler):  # type: ignore[misc] # the package has no types
    """Serve the package's pages and our changes after a login; ask everybody else for it."""

    timeout = 60
    login: EditorLogin
    folder: EditableFolder
    page: Path

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        if not self._is_logged_in():
            return
        asset = _ASSET.search(urlsplit(self.path).path)
        if asset:
            self._send_asset((self.page / asset[1]).resolve())
        else:
            super().do_GET()

    def do_POST(self) -> None:  # noqa: N802
        if not self._is_logged_in():
            return
        change = urlsplit(self.path).path.rpartition("/api/")[2]
        if is_cross_site(self.headers.get("Origin"), self.headers.get("Host")):
            self.send_error(403, "Another site's page sent this")
        elif change not in CHANGES:
            self.send_error(403, "This editor changes files only")
        elif self._fits(MAX_UPLOAD if change == "upload" else MAX_FORM):
            if change == "prefs":
                super().do_POST()
            else:
                self._change(change)

    def _is_logged_in(self) -> bool:
        client = client_address(self.client_address[0], self.headers.get("X-Forwarded-For"))
        if self.login.admits(self.headers.get("Authorization"), client):
            return True
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="SmartCORE", charset="UTF-8"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def _fits(self, maximum: int) -> bool:
        """Return whether the body has at most `maximum` bytes; send an error if not."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self.send_error(411)
        elif int(length) > maximum:
            self._discard(int(length))  # browsers read no response before they have sent the body
            self.send_error(413)
        else:
            return True
        return False

    def _discard(self, left: int) -> None:
        while left > 0 and (part := self.rfile.read(min(left, 65_536))):
            left -= len(part)

    def _change(self, change: str) -> None:
        response: dict[str, object] = {"error": False, "message": "Done"}
        try:
            path = self._upload() if change == "upload" else self._form(change)
            response["path"] = str(path)
        except (OSError, ValueError, LookupError, TypeError) as error:
            response = {"error": True, "message": str(error), "path": ""}
        self._send(json.dumps(response).encode(), {"Content-Type": "application/json"})

    def _form(self, change: str) -> Path:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(parse_qsl(body, keep_blank_values=True))
        return file_changes.apply(self.folder, change, form)

    def _upload(self) -> Path:
        form = configurator.cgi.FieldStorage(
            fp=self.rfile, headers=self.headers, environ={"REQUEST_METHOD": "POST"}
        )
        path = Path(form["path"].value, form["file"].filename)
        self.folder.write(path, form["file"].file)
        return path

    def _send_asset(self, path: Path) -> None:
        if not path.is_relative_to(self.page) or not path.is_file():
            self.send_error(404)
            return
        media_type = mimetypes.guess_type(path)[0] or "font/woff2"
        headers = {"Content-Type": media_type, "Cache-Control": "private, max-age=86400"}
        self._send(path.read_bytes(), headers)

    def _send(self, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def serve(paths: Paths) -> None:
    """Serve until SIGTERM."""
    Handler.login = EditorLogin(os.environ, paths.secrets)
    Handler.folder = EditableFolder(paths.config)
    Handler.page = paths.page.resolve()
    configurator.BASEPATH = str(paths.config)
    configurator.ENFORCE_BASEPATH = True
    configurator.HASS_API = None  # the panels of Home Assistant would need a token
    configurator.IGNORE_PATTERN = HIDDEN
    configurator.HIDEHIDDEN = True
    configurator.LOG.setLevel(logging.WARNING)
    os.chdir(paths.config)
    server = configurator.SimpleServer(("0.0.0.0", paths.port), Handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.serve_forever()


if __name__ == "__main__":
    serve(Paths())
