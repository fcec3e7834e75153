"""Check balena.yml, and that the version is the same in balena.yml, CHANGELOG.md and hems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dev.check import read_source_files
from hems.errors import ConfigError

TITLE = "release: balena.yml is valid and the version is the same everywhere"
FILE, CHANGELOG, PACKAGE = "balena.yml", "CHANGELOG.md", "hems/__init__.py"
DEVICES = ("raspberrypi4-64", "raspberrypi5")  # balena's names of the supported models
TYPE = "sw.application"
SEMANTIC = re.compile(r"\d+\.\d+\.\d+")
HEADING = re.compile(r"^## (\d\S*)", re.MULTILINE)  # the newest release, below "Next"
ASSIGNED = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)


def problems(root: Path) -> Iterator[str]:
    """Yield each mistake in balena.yml, and each file with another version."""
    contract = read_source_files.document(root, FILE)
    if not isinstance(contract, dict):
        raise ConfigError(f"{FILE}: found no mapping, expected name, type, version and data")
    yield from _contract(contract)
    version = str(contract.get("version"))
    for name, pattern in ((CHANGELOG, HEADING), (PACKAGE, ASSIGNED)):
        match = pattern.search(read_source_files.text(root, name))
        if match is None or match[1] != version:
            yield f"{name}: found {match[1] if match else 'none'}, expected {FILE}'s {version}"


def _contract(contract: Mapping[str, Any]) -> Iterator[str]:
    for key in ("name", "description"):
        if not isinstance(contract.get(key), str):
            yield f"{FILE}: {key}: found {contract.get(key)!r}, expected a text"
    if contract.get("type") != TYPE:
        yield f"{FILE}: type: found {contract.get('type')!r}, expected {TYPE}"
    if not SEMANTIC.fullmatch(str(contract.get("version"))):
        yield f"{FILE}: version: found {contract.get('version')!r}, expected e.g. 0.1.0"
    data = contract.get("data") or {}
    default, supported = data.get("defaultDeviceType"), data.get("supportedDeviceTypes") or []
    for device in supported:
        if device not in DEVICES:
            yield f"{FILE}: found {device!r}, expected one of {', '.join(DEVICES)}: 64 bit, 4 GB"
    if default not in supported:
        yield f"{FILE}: defaultDeviceType {default!r} is not among supportedDeviceTypes {supported}"
