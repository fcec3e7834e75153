"""etc/hems.toml without an environment: the settings of a gateway on which nobody set any."""

from __future__ import annotations

from pathlib import Path

from hems.errors import ConfigError
from hems.settings import Settings
from hems.settings.load import load

FILE = "etc/hems.toml"


def read(root: Path) -> Settings:
    """Return the tree's settings. Raises ConfigError, which names the file first."""
    try:
        return load(root / FILE, {})
    except ConfigError as error:
        raise ConfigError(f"{FILE}: {error}".replace(f"{root / FILE}: ", "")) from error
