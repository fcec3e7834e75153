"""Read Dockerfiles: their instructions, base images, copied files, variables and ports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dev.check import compose_file, read_source_files
from dev.check.compose_file import Build, Compose
from hems.errors import ConfigError

EMPTY_IMAGE = "scratch"
OPTION = re.compile(r"--([a-z-]+)=(\S+)\s*")
WHOLE_VERSION = re.compile(r"\d+\.\d+\.\d+|\d{8}")  # a release, or the date of a Debian image


class Instruction(NamedTuple):
    """`name` is in capitals; `options` are the --name=value before `rest`."""

    name: str
    options: Mapping[str, str]
    rest: str


def paths(project: Compose) -> dict[str, str]:
    """Return the Dockerfile of each built service, relative to the root."""
    sources = {name: service.source for name, service in project.services.items()}
    return {name: path_of(source) for name, source in sources.items() if source}


def path_of(source: Build) -> str:
    """Return the path of the Dockerfile, relative to the root."""
    return str(PurePosixPath(source.context, source.dockerfile))


def read(root: Path, path: str) -> list[Instruction]:
    """Return the instructions of the Dockerfile at `path`. Raises ConfigError."""
    if not (root / path).is_file():
        raise ConfigError(f"{path}: no such file, but {compose_file.FILE} builds it")
    return parse(read_source_files.text(root, path))


def built(root: Path) -> Iterator[tuple[str, Build, list[Instruction]]]:
    """Yield the name, source and instructions of each service that has a Dockerfile here."""
    for name, service in compose_file.read(root).services.items():
        if service.source and (root / path_of(service.source)).is_file():
            yield name, service.source, read(root, path_of(service.source))


def parse(text: str) -> list[Instruction]:
    """Return the instructions in order: without comments, continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\[ \t]*\n", " ", "\n".join(lines))
    return [_instruction(line.strip()) for line in joined.splitlines() if line.strip()]


def environment(instructions: Iterable[Instruction]) -> dict[str, str]:
    """Return the variables that an image sets with `ENV NAME=value ...`."""
    words = [word for line in instructions if line.name == "ENV" for word in line.rest.split()]
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def image_stages(instructions: Iterable[Instruction]) -> list[Instruction]:
    """Return what makes the image itself: the last stage, after the stages that it starts from."""
    stages: dict[str, list[Instruction]] = {}
    made: list[Instruction] = []
    for line in instructions:
        if line.name == "FROM":
            base, _, name = line.rest.partition(" ")
            made = [*stages.get(base, [])]
            stages[name.partition(" ")[2]] = made
        made.append(line)
    return made


def command(instructions: Iterable[Instruction]) -> list[str]:
    """Return the words of the last CMD, empty without one in JSON."""
    commands = [line.rest for line in instructions if line.name == "CMD"]
    try:
        words: list[str] = json.loads(commands[-1]) if commands else []
    except ValueError:
        return []
    return words


def copies(instructions: Iterable[Instruction]) -> Iterator[tuple[list[str], str]]:
    """Yield the sources and the target of each COPY from the build context."""
    for line in instructions:
        if line.name == "COPY" and "from" not in line.options:
            *names, target = line.rest.split()
            yield [name.lstrip("/") for name in names], target


def bases(instructions: Iterable[Instruction]) -> list[str]:
    """Return the images that a Dockerfile takes from a registry: FROM and COPY --from."""
    stages: set[str] = set()
    images = []
    for line in instructions:
        image, _, stage = line.rest.partition(" ")
        if line.name == "FROM":
            images.append(image)
            stages.add(stage.partition(" ")[2])
        elif line.name == "COPY" and "from" in line.options:
            images.append(line.options["from"])
    here = {*stages, EMPTY_IMAGE}
    return [image for image in images if image not in here and not image.isdecimal()]


def is_pinned(image: str) -> bool:
    """Return whether the tag of an image is a whole version, which does not move."""
    name, _, tag = image.partition("@")[0].rpartition(":")
    return bool(name and WHOLE_VERSION.search(tag))


def listening_ports(root: Path, project: Compose, name: str) -> set[int]:
    """Return the container ports of a service: those it publishes and those it EXPOSEs.

    Another container or hems reaches both; only the home's network needs a published port.
    """
    service = project.services[name]
    ports = set(service.published.values())
    if service.source and (root / path_of(service.source)).is_file():
        lines = read(root, path_of(service.source))
        words = [word for line in lines if line.name == "EXPOSE" for word in line.rest.split()]
        numbers = (word.partition("/")[0] for word in words)
        ports |= {int(number) for number in numbers if number.isdecimal()}
    return ports


def _instruction(line: str) -> Instruction:
    name, _, rest = line.partition(" ")
    rest = rest.strip()
    options = {}
    while option := OPTION.match(rest):
        options[option[1]] = option[2]
        rest = rest[option.end() :]
    return Instruction(name.upper(), options, " ".join(rest.split()))
