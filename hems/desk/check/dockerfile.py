"""The instructions of a Dockerfile: comments gone, continued lines joined."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from hems.desk.check import compose, tree
from hems.desk.check.compose import Build, Compose
from hems.errors import ConfigError

OPTION = re.compile(r"--([a-z-]+)=(\S+)\s*")


class Instruction(NamedTuple):
    """`name` is in capitals; `options` are its --name=value, `rest` what follows them."""

    name: str
    options: Mapping[str, str]
    rest: str


def paths(project: Compose) -> dict[str, str]:
    """Return each built service's Dockerfile, relative to the root."""
    sources = {name: service.source for name, service in project.services.items()}
    return {name: path_of(source) for name, source in sources.items() if source}


def path_of(source: Build) -> str:
    """Return the Dockerfile's path, relative to the root."""
    return str(PurePosixPath(source.context, source.dockerfile))


def read(root: Path, path: str) -> list[Instruction]:
    """Return the instructions of the Dockerfile at `path`. Raises ConfigError."""
    if not (root / path).is_file():
        raise ConfigError(f"{path}: there is no such file, expected the one {compose.FILE} builds")
    return parse(tree.text(root, path))


def built(root: Path) -> Iterator[tuple[str, Build, list[Instruction]]]:
    """Yield each built service's name, source and instructions; images.py says what is missing."""
    for name, service in compose.read(root).services.items():
        if service.source and (root / path_of(service.source)).is_file():
            yield name, service.source, read(root, path_of(service.source))


def parse(text: str) -> list[Instruction]:
    """Return the instructions in their order."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\[ \t]*\n", " ", "\n".join(lines))
    return [_instruction(line.strip()) for line in joined.splitlines() if line.strip()]


def environment(instructions: list[Instruction]) -> dict[str, str]:
    """Return the variables that an image sets with `ENV NAME=value ...`."""
    words = [word for one in instructions if one.name == "ENV" for word in one.rest.split()]
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def _instruction(line: str) -> Instruction:
    name, _, rest = line.partition(" ")
    rest = rest.strip()
    options = {}
    while found := OPTION.match(rest):
        options[found[1]] = found[2]
        rest = rest[found.end() :]
    return Instruction(name.upper(), options, " ".join(rest.split()))
