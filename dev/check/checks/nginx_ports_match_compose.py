"""Check that nginx, docker-compose.yml and the table of doors have the same ports and limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dev.check import compose_file, default_settings, nginx_files, read_source_files
from dev.check.nginx_files import FOLDER, SERVICE
from hems.settings.doors import DOORS, Door, all_slots

TITLE = "nginx: its published ports are the doors, with their limits"
SERVER = re.compile(r"^server \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
LISTEN = re.compile(r"^\s*listen ((?:127\.0\.0\.1:)?\d+)(?=[ ;])", re.MULTILINE)
LIMIT = re.compile(r"^\s*limit_conn (\w+) (\d+);", re.MULTILINE)
# The places that are kept for the addresses of a port, and the server of its shared connections.
KEPT = re.compile(r"^upstream kept-(\d+) \{\n[^}]*? max_conns=(\d+);", re.MULTILINE)
SHARED = re.compile(r"^upstream shared-(\d+) \{\n\s*server (127\.0\.0\.1:\d+);", re.MULTILINE)
PLACES = re.compile(r"^\s*worker_connections (\d+);", re.MULTILINE)
TABLE = "hems/settings/doors.py"
ALWAYS, SOMETIMES = "stream.d", "doors"


def problems(root: Path) -> Iterator[str]:
    """Yield each port that only one of them has, and each limit that differs."""
    service = compose_file.read(root).services.get(SERVICE)
    published = set(service.published.items()) if service else set()
    for outside, inside in sorted({(door.port, door.port) for door in DOORS} ^ published):
        yield f"{compose_file.FILE}: {SERVICE}: ports: {outside}:{inside}: {TABLE} differs"
    servers = dict(_servers(root))
    limits = _limits(root, servers)
    for door in DOORS:
        yield from _door(door, servers.get(str(door.port), ("", ""))[0], limits)
    known = {*(str(door.port) for door in DOORS), str(_probe_port(root))}
    for port, (name, _) in servers.items():
        if port.isdecimal() and port not in known:
            yield f"{name}: it listens on {port}, which {TABLE} does not have"
    yield from _places(root)


def _servers(root: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each port, or address of the loopback, with the file and the body of its server."""
    for folder in (ALWAYS, SOMETIMES):
        for name, text in nginx_files.texts(root, f"{folder}/*.conf"):
            for body in SERVER.findall(text):
                for port in LISTEN.findall(body):
                    yield port, (name, body)


def _limits(root: Path, servers: Mapping[str, tuple[str, str]]) -> dict[int, dict[str, int]]:
    """Return the limits of each port, by the zone that counts, those of its shared places too."""
    limits = {
        int(port): {zone: int(limit) for zone, limit in LIMIT.findall(body)}
        for port, (_, body) in servers.items()
        if port.isdecimal()
    }
    texts = [text for one in (ALWAYS, SOMETIMES) for _, text in nginx_files.texts(root, f"{one}/*")]
    for port, limit in KEPT.findall("".join(texts)):
        limits.setdefault(int(port), {})["all kept"] = int(limit)
    for port, address in SHARED.findall("".join(texts)):
        shared = LIMIT.findall(servers.get(address, ("", ""))[1])
        limits.setdefault(int(port), {}).update({zone: int(limit) for zone, limit in shared})
    return limits


def _door(door: Door, name: str, limits: Mapping[int, dict[str, int]]) -> Iterator[str]:
    folder = f"{SOMETIMES}/{door.port}.conf" if door.opened_by else f"{ALWAYS}/"
    if not name:
        yield f"{FOLDER}/{folder}: no server listens on {door.port}, which {TABLE} has"
        return
    if not name.startswith(f"{FOLDER}/{folder}"):
        yield f"{name}: it listens on {door.port}, expected that in {FOLDER}/{folder}"
    expected = {"address": door.per_address - door.kept, "door": door.at_most - door.all_kept}
    zone = f"kept_{door.kept_as}" if door.kept_as else "kept"
    expected |= {zone: door.kept, "all kept": door.all_kept}
    if (actual := limits[door.port]) != expected:
        yield f"{name}: {door.port}: limit_conn: found {actual}, expected {expected} as in {TABLE}"


def _probe_port(root: Path) -> int | None:
    """Return the port on the bridge that hems probes, which is not published."""
    watched = default_settings.read(root).services.get(SERVICE)
    return urlsplit(watched.probe).port if watched else None


def _places(root: Path) -> Iterator[str]:
    """Yield a problem if full doors can take every connection that nginx has."""
    places = PLACES.search(read_source_files.text(root, f"{FOLDER}/nginx.conf"))
    needed = all_slots()
    if places is None or int(places[1]) < needed:
        number = places[1] if places else "none"
        yield f"{FOLDER}/nginx.conf: worker_connections: found {number}, all doors need {needed}"
