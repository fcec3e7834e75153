"""Read and check the options of [rpcinterface:supervision]."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from hems.supervision.errors import InvalidConfiguration, nearest
from hems.supervision.settings import time_span

_KNOWN = ("notify_socket", "heartbeat", "guard_sec", "health_file", "preload", "problem_kinds")


class PluginOptions(NamedTuple):
    notify_socket: Path
    heartbeat: Path | None
    guard_s: float
    health_file: Path | None = None
    preload: tuple[str, ...] = ()
    problem_kinds: str = ""


def read(options: Mapping[str, str]) -> PluginOptions:
    """Return the options of the section. Raises InvalidConfiguration."""
    for name in options:
        if name not in _KNOWN:
            raise InvalidConfiguration(
                f"[rpcinterface:supervision] unknown option {name!r}, "
                f"did you mean {nearest(name, _KNOWN) or ' or '.join(_KNOWN)}?"
            )
    if not options.get("notify_socket"):
        raise InvalidConfiguration(
            "[rpcinterface:supervision] notify_socket is missing, expected a path"
        )
    return PluginOptions(
        Path(options["notify_socket"]).absolute(),
        _path(options.get("heartbeat")),
        _guard_s(options.get("guard_sec", "30")),
        _path(options.get("health_file")),
        tuple(options.get("preload", "").replace(",", " ").split()),
        options.get("problem_kinds", ""),
    )


def _path(text: str | None) -> Path | None:
    return Path(text).absolute() if text else None


def _guard_s(text: str) -> float:
    try:
        guard_s = time_span.seconds(text)
    except ValueError as error:
        raise InvalidConfiguration(f"[rpcinterface:supervision] guard_sec: {error}") from None
    if not 1 <= guard_s <= 3600:  # a round of supervisord's loop takes up to a second
        raise InvalidConfiguration(
            f"[rpcinterface:supervision] guard_sec: found {text}, expected 1 to 3600 seconds"
        )
    return guard_s
