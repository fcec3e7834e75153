"""Serve hass-configurator on port 3218: behind a login, in /config only, without commands or git.

The package's own start takes its password from the command line or a file, serves without one
when it has none, and bans addresses after wrong passwords: behind nginx that is one address for
everybody. So only its request handler is used. A wrong password costs a second, and nginx limits
how often it may be tried.
"""

from __future__ import annotations

import logging
import mimetypes
import os
import re
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from hass_configurator import configurator
from login import Login, is_foreign

WRONG_PASSWORD_S = 1.0
CHANGES = ("save", "upload", "rename", "delete", "newfile", "newfolder", "prefs")
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
        if is_foreign(self.headers.get("Origin"), self.headers.get("Host")):
            self.send_error(403, "Another site's page sent this")
        elif not urlsplit(self.path).path.endswith(tuple(f"/api/{name}" for name in CHANGES)):
            self.send_error(403, "This editor changes files only")
        else:
            super().do_POST()

    def _is_admitted(self) -> bool:
        given = self.headers.get("Authorization")
        if self.login.admits(given):
            return True
        if given is not None:
            time.sleep(WRONG_PASSWORD_S)
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="SmartCORE", charset="UTF-8"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def _send_asset(self, path: Path) -> None:
        if not path.is_relative_to(self.page) or not path.is_file():
            self.send_error(404)
            return
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", mimetypes.guess_type(path)[0] or "font/woff2")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "private, max-age=86400")
        self.end_headers()
        self.wfile.write(body)


def serve(places: Places) -> None:
    """Serve until SIGTERM."""
    Handler.login = Login(os.environ, places.secrets)
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
