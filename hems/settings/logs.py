"""[logs]: where the workers write their log files, how much, and for how long."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from hems.settings.section import AbsolutePath, Section

Level = Annotated[str, msgspec.Meta(pattern="^(DEBUG|INFO|WARNING|ERROR)$")]


class LogsSettings(Section, frozen=True):
    cosmetic: ClassVar[frozenset[str]] = frozenset({"directory", "level", "max_bytes", "files"})

    directory: AbsolutePath = "/var/log/hems"
    level: Level = "INFO"
    max_bytes: Annotated[int, msgspec.Meta(ge=10_000)] = 1_000_000
    files: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
