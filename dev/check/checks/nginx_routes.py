"""Check that nginx passes each page to the right service, and asks for a password where it must."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from dev.check import compose_file, default_settings, dockerfile, nginx_files, read_source_files
from dev.check.compose_file import Compose
from dev.check.nginx_files import FOLDER
from hems.settings.doors import DOORS

TITLE = "nginx: each page leads to its service, behind a password"
HOME = "/"
OWNERS = {"/configurator": "hass-configurator", "/influx": "influxdb"}  # and the pages below them
GUARDED = ("/configurator/", "/influx/")
LOCATION = re.compile(r"^location (?:= |~\*? \^?)?(\S+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
SERVER = re.compile(r"^server \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"^\s*proxy_pass (?:https?://)?([^/;]+)", re.MULTILINE)
PLACES = "$places"  # kept or shared, see stream.d/limits.conf
UPSTREAM = re.compile(r"^upstream (\S+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
UPSTREAM_SERVER = re.compile(r"^\s*server ([^\s;]+)", re.MULTILINE)
OWN_LISTENER = re.compile(r"^\s*listen (127\.0\.0\.1:\d+)", re.MULTILINE)
SERVER_FILE = f"{FOLDER}/http.d/server.conf"
DOORS_FILE = f"{FOLDER}/http.d/doors.conf"
VISITORS = "include snippets/visitors.conf;"
# /healthz is for the health check and the watchdog, /ca.crt for phones that install the CA.
SERVER_LINES = (
    "listen 127.0.0.1:10443 ssl proxy_protocol;",
    VISITORS,
    "location = /healthz {",
    "location = /ca.crt {",
    "include locations/",
)
PASSWORD = "snippets/password.conf"  # noqa: S105 - a file
INCLUDE_PASSWORD = f"include {PASSWORD};"
PASSWORD_DIRECTIVES = ("auth_basic ", "auth_basic_user_file ")
D2L_WORKER = "eesmart-d2l"


def problems(root: Path) -> Iterator[str]:
    """Yield each location that leads to the wrong service or lacks its password."""
    project = compose_file.read(root)
    pages = set()
    for name, text in nginx_files.texts(root, "locations/*.conf"):
        for page, body in LOCATION.findall(text):
            pages.add(page)
            targets = _allowed_targets(root, page, project)
            yield from _targets(f"{name}: location {page}", body, targets)
            if page in GUARDED and INCLUDE_PASSWORD not in body:
                yield f"{name}: location {page}: expected {INCLUDE_PASSWORD} it needs a password"
    for page in (HOME, *GUARDED):
        if page not in pages:
            yield f"{FOLDER}/locations: found no location {page}"
    yield from _server(root)
    yield from _dongles(root)
    yield from _doors(root, project)


def _server(root: Path) -> Iterator[str]:
    """Yield each directive that the server or the password snippet lacks."""
    snippet = read_source_files.text(root, f"{FOLDER}/{PASSWORD}")
    for directive in PASSWORD_DIRECTIVES:
        if not re.search(rf"^{directive}(?!off;)", snippet, re.MULTILINE):
            yield f"{FOLDER}/{PASSWORD}: found no {directive.strip()}: it asks for no password"
    server = read_source_files.text(root, SERVER_FILE)
    for line in SERVER_LINES:
        if not re.search(rf"^ +{re.escape(line)}", server, re.MULTILINE):
            yield f"{SERVER_FILE}: found no {line}"


def _allowed_targets(root: Path, page: str, project: Compose) -> Sequence[str]:
    """Return ADDRESS:PORT to which a page may lead: its owner, or any service if it has none."""
    owners = [name for prefix, name in OWNERS.items() if page.startswith(prefix)]
    if page == HOME:
        owners = ["homeassistant"]
    return [
        f"{address}:{port}"
        for name, service in project.services.items()
        if not owners or name in owners
        for address in service.addresses
        for port in sorted(dockerfile.listening_ports(root, project, name))
    ]


def _destinations(text: str) -> Iterator[str]:
    """Yield where connections leave a file: not at servers of the same file."""
    servers = {name: UPSTREAM_SERVER.findall(body) for name, body in UPSTREAM.findall(text)}
    own = OWN_LISTENER.findall(text)
    for target in TARGET.findall(text):
        names = [target.replace(PLACES, places) for places in ("kept", "shared")]
        for name in dict.fromkeys(names):
            yield from (one for one in servers.get(name, [name]) if one not in own)


def _targets(where: str, text: str, allowed: Sequence[str]) -> Iterator[str]:
    for target in dict.fromkeys(_destinations(text)):
        if target not in allowed:
            yield f"{where}: proxy_pass to {target}, expected {' or '.join(allowed)}"


def _dongles(root: Path) -> Iterator[str]:
    """Yield why the connection of a dongle would not reach the worker eesmart-d2l."""
    target = f"{D2L_WORKER}:{default_settings.read(root).eesmart_d2l.port}"
    for name, text in nginx_files.texts(root, "stream.d/d2l.conf"):
        yield from _targets(name, text, [target])
        for body in SERVER.findall(text):
            if not re.search(r"^\s*proxy_protocol on;", body, re.MULTILINE):
                yield f"{name}: expected proxy_protocol on; the worker refuses nginx without it"


def _doors(root: Path, project: Compose) -> Iterator[str]:
    """Yield each door that leads to another service than its own, or to no refusals."""
    servers = SERVER.findall(read_source_files.text(root, DOORS_FILE))
    for body in servers:
        if VISITORS not in body:
            yield f"{DOORS_FILE}: expected {VISITORS} in each server"
    for door in (one for one in DOORS if one.opened_by):
        name = f"{FOLDER}/doors/{door.port}.conf"
        text = read_source_files.text(root, name)
        for listening in (
            one for one in servers for target in TARGET.findall(text) if target in one
        ):
            text = listening
        if "include locations/home-assistant.conf;" in text:  # checked above
            continue
        ports = dockerfile.listening_ports(root, project, door.service)
        addresses = project.services[door.service].addresses
        allowed = [f"{address}:{port}" for address in addresses for port in sorted(ports)]
        yield from _targets(f"{name}: {door.port}", text, allowed or ["its service"])
