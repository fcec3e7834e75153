"""What a health check asks is there: its program in the image, its port, the heartbeat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from hems.desk.check import compose, dockerfile, mosquitto, settings, supervisord, tree
from hems.desk.check.compose import Build
from hems.desk.check.dockerfile import Instruction

PROGRAM = re.compile(r'"(/[^"]+\.py)"')
HEARTBEAT = re.compile(r'heartbeat\.py", "([^"]+)"')
URL_PORT = re.compile(r'"http://127\.0\.0\.1(?::(\d+))?/')
BROKER = "mqtt"
BROKER_PORT = re.compile(r'"-p", "(\d+)"')
LISTENER = re.compile(r"^listener +(\d+) *(\S*)$((?:\n(?!listener ).*)*)", re.MULTILINE)
ANONYMOUS = re.compile(r"^allow_anonymous +true$", re.MULTILINE)
LOOPBACK = "127.0.0.1"
RUN_DIR = "HEMS_RUN_DIR"


def problems(root: Path) -> Iterator[str]:
    """Yield each health check that asks what is not there."""
    services = compose.read(root).services
    for name, source, instructions in dockerfile.built(root):
        path = dockerfile.path_of(source)
        check = next((one.rest for one in instructions if one.name == "HEALTHCHECK"), "")
        for program in PROGRAM.findall(check):
            if not _is_copied(program, root, source, instructions):
                yield f"{path}: HEALTHCHECK: {program}: no COPY brings this program there"
        for port in URL_PORT.findall(check):
            if int(port or 80) not in services[name].published.values():
                yield f"{path}: HEALTHCHECK: port {port or 80} is none that {name} publishes"
        yield from _heartbeat(root, name, path, check, dockerfile.environment(instructions))
        if name == BROKER:
            yield from _listeners(tree.text(root, mosquitto.FILE), path, check)


def _is_copied(program: str, root: Path, source: Build, instructions: list[Instruction]) -> bool:
    """Tell whether a COPY from the context puts this file, or a folder with it, there."""
    for one in instructions:
        if one.name == "COPY" and "from" not in one.options:
            *names, target = one.rest.split()
            for name in names:
                place = root / source.context / name
                into = PurePosixPath(target)
                if place.is_file() and target.endswith("/"):
                    into /= place.name
                if PurePosixPath(program).is_relative_to(into):
                    return (place / PurePosixPath(program).relative_to(into)).is_file()
    return False


def _heartbeat(
    root: Path, name: str, path: str, check: str, variables: Mapping[str, str]
) -> Iterator[str]:
    """Yield why the check would not see the file that is touched."""
    if not (found := HEARTBEAT.search(check)):
        return
    expected = settings.read(root).wifi_connect.heartbeat
    if RUN_DIR in variables:
        expected = supervisord.heartbeat(root).replace(f"%(ENV_{RUN_DIR})s", variables[RUN_DIR])
    if found[1] != expected:
        yield f"{path}: HEALTHCHECK: found {found[1]}, expected {expected}, which {name} touches"


def _listeners(text: str, path: str, check: str) -> Iterator[str]:
    """Yield an anonymous listener that the network reaches, and a check that asks none."""
    anonymous = set()
    for port, address, directives in LISTENER.findall(text):
        if ANONYMOUS.search(directives):
            anonymous.add(port)
            if address != LOOPBACK:
                where, found = f"{mosquitto.FILE}: listener {port}", address or "every address"
                yield f"{where}: found {found}, expected {LOOPBACK}: it asks for no password"
    for port in BROKER_PORT.findall(check):
        if port not in anonymous:
            yield f"{path}: HEALTHCHECK: {mosquitto.FILE} has no anonymous listener {port}"
