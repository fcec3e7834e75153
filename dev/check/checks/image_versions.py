"""Check that every image has a whole version, and that services share one version of an image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dev.check import compose_file, dockerfile
from dev.check.compose_file import FILE
from hems.errors import ConfigError

TITLE = "images: every base image has a whole version"
Tags = dict[str, dict[str, str]]  # image → tag → the first file that uses this tag


def problems(root: Path) -> Iterator[str]:
    """Yield each image that has no Dockerfile, may change, or has two versions."""
    tags: Tags = {}
    for name, service in compose_file.read(root).services.items():
        if service.source is None:
            yield from _pinned(f"{FILE}: {name}: image", service.image, tags)
            continue
        path = dockerfile.path_of(service.source)
        try:
            instructions = dockerfile.read(root, path)
        except ConfigError as error:
            yield str(error)
            continue
        for image in dockerfile.bases(instructions):
            yield from _pinned(path, image, tags)
    for image, places in tags.items():
        if len(places) > 1:
            versions = ", ".join(f"{tag} in {where}" for tag, where in places.items())
            yield f"{image}: found {versions}; expected one tag, so that the device keeps one copy"


def _pinned(where: str, image: str, tags: Tags) -> Iterator[str]:
    """Yield a problem if `image` has no whole version; add its tag to `tags` if it has one."""
    name, _, digest = image.partition("@")
    name, _, tag = name.rpartition(":")
    if not dockerfile.is_pinned(image):
        yield f"{where}: found {image or 'no image'}, expected a version, e.g. nginx:1.28.0"
    else:
        tags.setdefault(name, {}).setdefault(f"{tag}@{digest}".rstrip("@"), where)
