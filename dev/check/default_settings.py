"""Read etc/hems.toml as a gateway does on which no variable is set."""

from __future__ import annotations

from pathlib import Path

from hems.errors import ConfigError
from hems.settings import Settings
from hems.settings.load import load

FILE = "etc/hems.toml"


def read(root: Path) -> Settings:
    """Return the default settings of the tree. Raises ConfigError, which names the file first."""
    try:
        return load(root / FILE, {})
    except ConfigError as error:
        raise ConfigError(f"{FILE}: {error}".replace(f"{root / FILE}: ", "")) from error
