"""balena.yml says what balena wants to know, and one version stands everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hems.desk.check import tree
from hems.errors import ConfigError

FILE, CHANGELOG, PACKAGE = "balena.yml", "CHANGELOG.md", "hems/__init__.py"
DEVICES = ("raspberrypi4-64", "raspberrypi5")  # balena's names of what the gateway runs on
TYPE = "sw.application"
SEMANTIC = re.compile(r"\d+\.\d+\.\d+")
HEADING = re.compile(r"^## (\S+)", re.MULTILINE)
ASSIGNED = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)


def problems(root: Path) -> Iterator[str]:
    """Yield what is wrong with balena.yml, and each file that has another version."""
    contract = tree.document(root, FILE)
    if not isinstance(contract, dict):
        raise ConfigError(f"{FILE}: found no mapping, expected name, type, version and data")
    yield from _contract(contract)
    version = str(contract.get("version"))
    for name, pattern in ((CHANGELOG, HEADING), (PACKAGE, ASSIGNED)):
        found = pattern.search(tree.text(root, name))
        if found is None or found[1] != version:
            yield f"{name}: found {found[1] if found else 'none'}, expected {FILE}'s {version}"


def _contract(contract: Mapping[str, Any]) -> Iterator[str]:
    for key in ("name", "description"):
        if not isinstance(contract.get(key), str):
            yield f"{FILE}: {key}: found {contract.get(key)!r}, expected a text"
    if contract.get("type") != TYPE:
        yield f"{FILE}: type: found {contract.get('type')!r}, expected {TYPE}"
    if not SEMANTIC.fullmatch(str(contract.get("version"))):
        yield f"{FILE}: version: found {contract.get('version')!r}, expected such as 0.1.0"
    data = contract.get("data") or {}
    default, supported = data.get("defaultDeviceType"), data.get("supportedDeviceTypes") or []
    for device in supported:
        if device not in DEVICES:
            yield f"{FILE}: found {device!r}, expected one of {', '.join(DEVICES)}: 64 bit, 4 GB"
    if default not in supported:
        yield f"{FILE}: defaultDeviceType {default!r} is not among supportedDeviceTypes {supported}"
