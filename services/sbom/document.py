"""The whole document: the image, its system, its bases, and every component in a fixed order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sbom import alpine_packages, debian_packages, npm_packages, python_packages
from sbom.component import Component, component, hashed, purl

RELEASE_FILE = "etc/os-release"
FROM = re.compile(r"^FROM (\S+) AS image$", re.MULTILINE)
VERSION = re.compile(r"^version: (\S+)$", re.MULTILINE)
DOWNLOADS = "opt/*/component.json"  # beside what a build has downloaded from elsewhere
PRODUCT = "smartcore-hems"


def document(name: str, root: Path, inputs: Path) -> dict[str, Any]:
    """Return the SBOM of the image of service `name`, whose files are below `root`."""
    system = _release(root)
    release = f"{system['ID']}-{system.get('VERSION_ID', 'unknown')}"
    version = VERSION.findall((inputs / "balena.yml").read_text(encoding="utf-8"))[0]
    components = {one["bom-ref"]: one for one in _components(root, inputs, release)}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "container",
                "bom-ref": name,
                "group": PRODUCT,
                "name": name,
                "version": version,
            }
        },
        "components": [components[url] for url in sorted(components)],
    }


def as_text(made: dict[str, Any]) -> str:
    """Return the document as JSON, the same for the same content."""
    return json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _components(root: Path, inputs: Path, release: str) -> Iterator[Component]:
    yield _base((inputs / "Dockerfile").read_text(encoding="utf-8"))
    yield _system(release)
    yield from debian_packages.packages(root, release)
    yield from alpine_packages.packages(root, release)
    yield from python_packages.packages(root, inputs / "pip-report.json")
    yield from npm_packages.packages(inputs / "package-lock.json")
    for path in sorted(root.glob(DOWNLOADS)):
        yield json.loads(path.read_text(encoding="utf-8"))


def _base(dockerfile: str) -> Component:
    """Return the image that the stage `image` starts from."""
    name, _, digest = FROM.findall(dockerfile)[-1].partition("@")
    image, _, tag = name.rpartition(":")
    url = purl("docker", image, tag)
    hashes = {"SHA-256": digest.removeprefix("sha256:")} if digest else {}
    return hashed(component(url, image, tag), hashes) | {"type": "container"}


def _system(release: str) -> Component:
    name, _, version = release.partition("-")
    system = component(f"pkg:generic/{release}", name, version)
    return {key: system[key] for key in ("bom-ref", "name", "version")} | {
        "type": "operating-system"
    }


def _release(root: Path) -> dict[str, str]:
    """Return the fields of os-release(5)."""
    lines = (root / RELEASE_FILE).read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name: value.strip("\"'") for name, _, value in pairs}
