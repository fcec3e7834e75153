"""Check what follows from Home Assistant's version: the tests' lock, and the READMEs that name it.

services/homeassistant/Dockerfile alone says which version it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dev import home_assistant_release
from dev.check import read_source_files

TITLE = "homeassistant: the tests' lock and the READMEs are for the image's version"
LOCK = "tests/e2e/homeassistant.lock"
MAKE = "run `python -m tests.e2e.home_assistant_lock`"
READMES = ("README.md", "services/homeassistant/README.md")
NAMED = re.compile(r"Home Assistant (\d{4}\.\d+(?:\.\d+)?)")


def problems(root: Path) -> Iterator[str]:
    """Yield each place that is for another version."""
    version = home_assistant_release.version(root)
    locked = re.findall(r"^homeassistant==(\S+)", read_source_files.text(root, LOCK), re.MULTILINE)
    if locked != [version]:
        yield f"{LOCK}: found {', '.join(locked) or 'no version'}, expected {version}: {MAKE}"
    for name in READMES:
        for named_version in NAMED.findall(read_source_files.text(root, name)):
            if named_version != version:
                yield f"{name}: found Home Assistant {named_version}, expected {version}"
