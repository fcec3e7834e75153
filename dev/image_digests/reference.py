"""The name of an image, as Docker understands it: [REGISTRY/]REPOSITORY:TAG[@DIGEST]."""

from __future__ import annotations

import re
from typing import NamedTuple

from hems.errors import ConfigError

HUB, HUB_HOST, OFFICIAL = "docker.io", "registry-1.docker.io", "library/"
LOCAL = ("localhost", "127.0.0.1")  # plain HTTP there, as Docker does
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Reference(NamedTuple):
    """`name` is as written, without a digest; `digest` is empty if there is none."""

    name: str
    registry: str
    repository: str
    tag: str
    digest: str

    @property
    def url(self) -> str:
        """Return the address of the registry's API."""
        host = HUB_HOST if self.registry == HUB else self.registry
        scheme = "http" if host.partition(":")[0] in LOCAL else "https"
        return f"{scheme}://{host}/v2/"


def parse(text: str) -> Reference:
    """Return the parts of an image's name. Raises ConfigError without a tag, or a wrong digest."""
    name, _, digest = text.partition("@")
    first, slash, rest = name.partition("/")
    is_host = bool(slash) and (first in LOCAL or "." in first or ":" in first)
    registry, path = (first, rest) if is_host else (HUB, name)
    repository, _, tag = path.rpartition(":")
    if not repository or (digest and not DIGEST.fullmatch(digest)):
        raise ConfigError(f"{text}: expected NAME:TAG or NAME:TAG@sha256:64 hex digits")
    if registry == HUB and "/" not in repository:
        repository = OFFICIAL + repository
    return Reference(name, registry, repository, tag, digest)
