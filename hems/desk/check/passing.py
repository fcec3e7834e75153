"""nginx passes each page on to the service that it belongs to, and asks for a password before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from hems.desk.check import agreement, compose, nginx, settings, tree
from hems.desk.check.compose import Compose

HOME = "/"
OWNERS = {"/configurator": "hass-configurator", "/influx": "influxdb"}  # and what is below them
GUARDED = ("/configurator/", "/influx/")  # by a page of which nothing is seen without a password
LOCATION = re.compile(r"^location (?:= |~\*? \^?)?(\S+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
SERVER = re.compile(r"^server \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"^\s*proxy_pass (?:https?://)?([^/;]+)", re.MULTILINE)
SERVER_FILE = f"{nginx.FOLDER}/http.d/server.conf"
# The health check's and the watchdog's page, and the certificate for a visitor's phone.
SERVES = ("listen 443 ssl;", "location = /healthz {", "location = /ca.crt {", "include locations/")
PASSWORD = "snippets/password.conf"  # noqa: S105 - a file
ASKING = (f"include {PASSWORD};", "auth_basic ", "auth_basic_user_file ")


def problems(root: Path) -> Iterator[str]:
    """Yield each location that leads elsewhere than it should, or lets everybody in."""
    project = compose.read(root)
    seen = set()
    for path in sorted((root / nginx.FOLDER / "locations").glob("*.conf")):
        name = str(path.relative_to(root))
        for page, body in LOCATION.findall(tree.text(root, name)):
            seen.add(page)
            expected = _owners(page, project)
            yield from _targets(f"{name}: location {page}", body, expected)
            if page in GUARDED and ASKING[0] not in body:
                yield f"{name}: location {page}: expected {ASKING[0]} everybody would come in"
    for page in (HOME, *GUARDED):
        if page not in seen:
            yield f"{nginx.FOLDER}/locations: found no location {page}"
    yield from _server(root)
    yield from _dongles(root)


def _server(root: Path) -> Iterator[str]:
    """Yield what the server has lost that every page, or everybody's check, counts on."""
    snippet = tree.text(root, f"{nginx.FOLDER}/{PASSWORD}")
    for directive in ASKING[1:]:
        if not re.search(rf"^{directive}(?!off;)", snippet, re.MULTILINE):
            yield f"{nginx.FOLDER}/{PASSWORD}: found no {directive.strip()}: it asks nobody"
    server = tree.text(root, SERVER_FILE)
    for line in SERVES:
        if not re.search(rf"^ +{re.escape(line)}", server, re.MULTILINE):
            yield f"{SERVER_FILE}: found no {line}"


def _owners(page: str, project: Compose) -> Sequence[str]:
    """Return where a page may lead: a page of ours to its owner, another to any service."""
    own = "homeassistant" if page == HOME else ""
    names = [name for prefix, name in OWNERS.items() if page.startswith(prefix)] or [own]
    return [
        f"{address}:{port}"
        for name, service in project.services.items()
        if names == [""] or name in names
        for address in service.addresses
        for port in service.published.values()
    ]


def _targets(where: str, text: str, expected: Sequence[str]) -> Iterator[str]:
    for target in TARGET.findall(text):
        if target not in expected:
            yield f"{where}: proxy_pass to {target}, expected {' or '.join(expected)}"


def _dongles(root: Path) -> Iterator[str]:
    """Yield why a dongle's connection would not reach the worker as the worker expects it."""
    expected = f"{agreement.D2L}:{settings.read(root).eesmart_d2l.port}"
    for path in sorted((root / nginx.FOLDER / "stream.d").glob("*.conf")):
        name = str(path.relative_to(root))
        for body in SERVER.findall(tree.text(root, name)):
            yield from _targets(name, body, [expected])
            if not re.search(r"^\s*proxy_protocol on;", body, re.MULTILINE):
                yield f"{name}: expected proxy_protocol on; the worker refuses nginx without it"
