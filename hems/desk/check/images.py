"""Dockerfiles are there, every image is pinned, and one that several share has one tag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hems.desk.check import compose, dockerfile
from hems.desk.check.compose import FILE
from hems.errors import ConfigError

EMPTY = "scratch"
WHOLE = re.compile(r"\d+\.\d+\.\d+|\d{8}")  # a release, or the day of a Debian image


def problems(root: Path) -> Iterator[str]:
    """Yield each image that is missing, or that may be another one tomorrow."""
    project = compose.read(root)
    tags: dict[str, dict[str, str]] = {}
    for name, service in project.services.items():
        source = service.source
        if source is None:
            yield from _pinned(f"{FILE}: {name}: image", service.image, tags)
            continue
        path = dockerfile.path_of(source)
        try:
            instructions = dockerfile.read(root, path)
        except ConfigError as error:
            yield str(error)
            continue
        for image in bases(instructions):
            yield from _pinned(path, image, tags)
    for image, places in tags.items():
        if len(places) > 1:
            found = ", ".join(f"{tag} in {where}" for tag, where in places.items())
            yield f"{image}: found {found}; expected one tag, so that the device keeps one copy"


def bases(instructions: list[dockerfile.Instruction]) -> list[str]:
    """Return the images that a Dockerfile takes from elsewhere: FROM and COPY --from."""
    stages: set[str] = set()
    found = []
    for one in instructions:
        image, _, stage = one.rest.partition(" ")
        if one.name == "FROM":
            found.append(image)
            stages.add(stage.partition(" ")[2])
        elif one.name == "COPY" and "from" in one.options:
            found.append(one.options["from"])
    return [image for image in found if image not in {*stages, EMPTY} and not image.isdecimal()]


def is_pinned(image: str) -> bool:
    """Tell whether an image's name has a tag that stays."""
    name, _, tag = image.partition("@")[0].rpartition(":")
    return bool(name and WHOLE.search(tag))


def _pinned(where: str, image: str, tags: dict[str, dict[str, str]]) -> Iterator[str]:
    """Yield the fault of one image's name; note its tag in `tags`: by image, tag and place."""
    name, _, tag = image.partition("@")[0].rpartition(":")
    if not is_pinned(image):
        yield f"{where}: found {image or 'no image'}, expected a version, such as nginx:1.28.0"
    else:
        tags.setdefault(name, {}).setdefault(tag, where)
