"""The npm packages that an image's pages are made of: the lock, without what only builds."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from sbom.component import Component, component, hashed, licensed, purl

FOLDER = "node_modules/"
ALGORITHMS = {"sha256": "SHA-256", "sha512": "SHA-512"}
BUILDS_ONLY = ("dev", "devOptional")


def packages(lock: Path) -> Iterator[Component]:
    """Yield each package of package-lock.json (version 3) that the pages contain."""
    entries = json.loads(lock.read_text(encoding="utf-8"))["packages"] if lock.exists() else {}
    for path, entry in entries.items():
        if path and not any(entry.get(mark) for mark in BUILDS_ONLY):
            name = path.rpartition(FOLDER)[2]
            algorithm, _, digest = entry["integrity"].partition("-")
            hashes = {ALGORITHMS[algorithm]: base64.b64decode(digest).hex()}
            url = purl("npm", name, entry["version"])
            made = component(url, name, entry["version"])
            licences = [entry.get("license", "")]
            yield hashed(licensed(made, licences, is_spdx=True), hashes)
