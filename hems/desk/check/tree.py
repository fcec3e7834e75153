"""Files of the tree that is checked, named relative to its root."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from hems.errors import ConfigError

UNNAMED = '"<unicode string>", '  # as PyYAML calls a text


def text(root: Path, name: str) -> str:
    """Return the file's text. Raises ConfigError when there is none."""
    try:
        return (root / name).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name} is not UTF-8 at byte {error.start}") from error


def document(root: Path, name: str) -> Any:
    """Return the YAML file's plain values. Raises ConfigError."""
    try:
        return yaml.safe_load(text(root, name))
    except yaml.YAMLError as error:
        raise ConfigError(f"{name} is not YAML: {error}".replace(UNNAMED, "")) from error
