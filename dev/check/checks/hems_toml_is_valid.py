"""Check etc/hems.toml itself, before the checks that compare other files with its settings."""

from __future__ import annotations

from pathlib import Path

from dev.check import default_settings

TITLE = "settings: etc/hems.toml is valid"
IS_FIRST = True


def problems(root: Path) -> tuple[str, ...]:
    """Return no problem if the file is valid. Raises ConfigError."""
    default_settings.read(root)
    return ()
