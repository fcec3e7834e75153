"""Which version of Home Assistant the gateway has: only its Dockerfile says so."""

from __future__ import annotations

from pathlib import Path

from dev import ROOT
from dev.check import dockerfile
from hems.errors import ConfigError

DOCKERFILE = "services/homeassistant/Dockerfile"
IMAGE = "ghcr.io/home-assistant/home-assistant"


def version(root: Path = ROOT) -> str:
    """Return the version of the base image, such as 2026.10.4. Raises ConfigError."""
    for image in dockerfile.bases(dockerfile.read(root, DOCKERFILE)):
        name, _, tag = image.partition("@")[0].rpartition(":")
        if name == IMAGE:
            return tag
    raise ConfigError(f"{DOCKERFILE}: found no image {IMAGE}:VERSION")
