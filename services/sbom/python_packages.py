"""Python's packages of an image, those of the distribution's own package manager apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from sbom.component import Component, component, hashed, licensed, purl

PLACES = ("usr/local/lib/python3*/site-packages", "opt/*/lib/python3*/site-packages")
CLASSIFIER = "License :: "
LONGEST_NAME = 100  # some packages have the whole text in the field for its name
ALGORITHMS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
Hashes = Mapping[str, Mapping[str, str]]


def packages(root: Path, report: Path) -> Iterator[Component]:
    """Yield each installed distribution. `report` is pip's, if the image has its packages by it."""
    hashes = _hashes(json.loads(report.read_text(encoding="utf-8"))) if report.exists() else {}
    folders = [str(path) for place in PLACES for path in sorted(root.glob(place))]
    for distribution in metadata.distributions(path=folders):
        name = _normalised(distribution.metadata["Name"])
        url = purl("pypi", name, distribution.version)
        names = _licences(distribution)
        is_spdx = "License-Expression" in distribution.metadata
        made = component(url, name, distribution.version)
        yield hashed(licensed(made, names, is_spdx=is_spdx), hashes.get(name, {}))


def _licences(distribution: metadata.Distribution) -> list[str]:
    fields = distribution.metadata
    if expression := fields.get_all("License-Expression"):
        return [str(one) for one in expression]
    classifiers = [str(one) for one in fields.get_all("Classifier") or ()]
    named = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith(CLASSIFIER)]
    text = str((fields.get_all("License") or [""])[0])
    return named or [text] * (len(text) <= LONGEST_NAME and "\n" not in text)


def _hashes(report: dict[str, object]) -> Hashes:
    """Return, by package, the hashes of the archive that pip installed."""
    hashes = {}
    entries = report["install"]
    assert isinstance(entries, list)  # noqa: S101 - pip's format, version 1
    for entry in entries:
        archive = entry["download_info"]["archive_info"].get("hashes", {})
        name = _normalised(entry["metadata"]["name"])
        hashes[name] = {ALGORITHMS[one]: archive[one] for one in archive if one in ALGORITHMS}
    return hashes


def _normalised(name: str) -> str:
    """Return the name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
