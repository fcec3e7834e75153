"""Check that the program, port and file that a health check uses are in the image."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from dev.check import (
    compose_file,
    default_settings,
    dockerfile,
    supervisord_conf,
)
from dev.check.compose_file import Build
from dev.check.dockerfile import Instruction

TITLE = "health checks: their programs, ports and files exist"
PROGRAM = re.compile(r'"(/[^"]+\.py)"')
HEARTBEAT = re.compile(r'container_healthcheck\.py", "([^"]+)"')
URL_PORT = re.compile(r'"http://127\.0\.0\.1(?::(\d+))?/')
RUN_DIR = "HEMS_RUN_DIR"


def problems(root: Path) -> Iterator[str]:
    """Yield each program, port or file of a health check that does not exist."""
    project = compose_file.read(root)
    for name, source, instructions in dockerfile.built(root):
        path = dockerfile.path_of(source)
        check = next((line.rest for line in instructions if line.name == "HEALTHCHECK"), "")
        for program in PROGRAM.findall(check):
            if not _is_copied(program, root, source, instructions):
                yield f"{path}: HEALTHCHECK: {program}: no COPY puts this program there"
        ports = dockerfile.listening_ports(root, project, name)
        for port in URL_PORT.findall(check):
            if int(port or 80) not in ports:
                yield f"{path}: HEALTHCHECK: {name} does not EXPOSE or publish port {port or 80}"
        yield from _heartbeat(root, name, path, check, dockerfile.environment(instructions))


def _is_copied(program: str, root: Path, source: Build, instructions: list[Instruction]) -> bool:
    """Return whether a COPY from the context puts this file, or a folder with it, there."""
    for names, target in dockerfile.copies(instructions):
        for path in (path for name in names for path in (root / source.context).glob(name)):
            place = PurePosixPath(target)
            if path.is_file() and target.endswith("/"):
                place /= path.name
            if PurePosixPath(program).is_relative_to(place):
                return (path / PurePosixPath(program).relative_to(place)).is_file()
    return False


def _heartbeat(
    root: Path, name: str, path: str, check: str, variables: Mapping[str, str]
) -> Iterator[str]:
    """Yield a problem if the health check reads another file than the service touches."""
    if not (heartbeat := HEARTBEAT.search(check)):
        return
    expected = default_settings.read(root).wifi_connect.heartbeat
    if RUN_DIR in variables:
        written = supervisord_conf.heartbeat(root)
        expected = written.replace(f"%(ENV_{RUN_DIR})s", variables[RUN_DIR])
    if heartbeat[1] != expected:
        where = f"{path}: HEALTHCHECK"
        yield f"{where}: found {heartbeat[1]}, expected {expected}, which {name} touches"
