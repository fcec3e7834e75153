"""Read the files of the tree under check; names are relative to its root."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from hems.errors import ConfigError

UNNAMED = '"<unicode string>", '  # what PyYAML calls a text that has no file name


def text(root: Path, name: str) -> str:
    """Return the text of a file. Raises ConfigError if it cannot be read."""
    try:
        return (root / name).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name} is not UTF-8 at byte {error.start}") from error


def document(root: Path, name: str) -> Any:
    """Return the content of a YAML file as plain values. Raises ConfigError.

    Do not change them: every check that reads the same text receives the same values.
    """
    try:
        return _values(text(root, name))
    except yaml.YAMLError as error:
        raise ConfigError(f"{name} is not YAML: {error}".replace(UNNAMED, "")) from error


@cache
def _values(text: str) -> Any:
    return yaml.safe_load(text)
