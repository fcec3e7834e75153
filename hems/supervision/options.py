"""The options of [rpcinterface:hems]."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hems.errors import ConfigError
from hems.supervision import timespan

_KNOWN = ("notify_socket", "heartbeat", "guard_sec", "health_file", "preload")


@dataclass(frozen=True)
class Options:
    notify_socket: Path
    heartbeat: Path | None
    guard_s: float
    health_file: Path | None = None
    preload: str = ""


def read(given: Mapping[str, str]) -> Options:
    """Check what stands in the section. Raises ConfigError."""
    for name in given:
        if name not in _KNOWN:
            near = difflib.get_close_matches(name, _KNOWN, 1) or _KNOWN
            raise ConfigError(
                f"[rpcinterface:hems] unknown option {name!r}, did you mean {' or '.join(near)}?"
            )
    if not given.get("notify_socket"):
        raise ConfigError("[rpcinterface:hems] notify_socket is missing, expected a path")
    return Options(
        Path(given["notify_socket"]).absolute(),
        _path(given.get("heartbeat")),
        _guard_s(given.get("guard_sec", "30")),
        _path(given.get("health_file")),
        given.get("preload", ""),
    )


def _path(text: str | None) -> Path | None:
    return Path(text).absolute() if text else None


def _guard_s(text: str) -> float:
    try:
        guard_s = timespan.seconds(text)
    except ValueError as error:
        raise ConfigError(f"[rpcinterface:hems] guard_sec: {error}") from None
    if not 1 <= guard_s <= 3600:  # supervisord's own loop takes a second
        raise ConfigError(
            f"[rpcinterface:hems] guard_sec: found {text}, expected 1 to 3600 seconds"
        )
    return guard_s
