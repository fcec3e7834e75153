"""Write docs/licences.md: the licence of every package that our images contain.

    python -m dev.documents.licences SBOM [SBOM ...]

SBOM is /usr/share/sbom/NAME.cdx.json of an image. Rows are sorted, so that two builds of the same
packages give the same page.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dev import ROOT

DOCUMENT = ROOT / "docs" / "licences.md"
HEAD = """\
# Licences

`python -m dev.documents.licences SBOM...` writes this page from the SBOMs (CycloneDX) that are in
the images: `/usr/share/sbom/NAME.cdx.json`. An SBOM also has versions and hashes; this page has
what changes rarely. Debian's names of licences are those of its copyright files, whose full texts
are in the images: `/usr/share/doc/PACKAGE/copyright`.

## What comes as a whole

Each of these images contains more packages of Alpine, and Home Assistant's more of PyPI. Their
SBOMs list them with their licences; this page does not.

| software | service | licence |
|---|---|---|
| Home Assistant | homeassistant | Apache-2.0 |
| InfluxDB 2.7 | influxdb | MIT |
| nginx | nginx-reverse-proxy | BSD-2-Clause |
| wifi-connect | wifi-connect | Apache-2.0 |
"""
KINDS = {"pypi": "Packages from PyPI", "npm": "Packages from npm", "deb": "Packages of Debian"}
UNKNOWN = "not stated in the package's metadata"


def rows(sboms: Iterable[Any], kind: str) -> list[str]:
    """Return a line for each package of a kind of URL (`deb`): name, services, licences."""
    services: dict[tuple[str, str], set[str]] = {}
    for sbom in sboms:
        for one in sbom["components"]:
            if one.get("purl", "").startswith(f"pkg:{kind}/"):
                names = services.setdefault((one["name"], _licences(one)), set())
                names.add(sbom["metadata"]["component"]["name"])
    return [
        f"| {name} | {', '.join(sorted(services[name, text]))} | {text} |"
        for name, text in sorted(services)
    ]


def document(sboms: list[Any]) -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *_sections(sboms)])


def _sections(sboms: list[Any]) -> Iterator[str]:
    for kind, title in KINDS.items():
        table = ["| package | service | licence |", "|---|---|---|", *rows(sboms, kind)]
        yield "\n".join([f"## {title}", "", *table, ""])


def _licences(component: Any) -> str:
    licences = component.get("licenses", [])
    texts = [one.get("expression") or one["license"].get("name", "") for one in licences]
    return ", ".join(texts).replace("|", "\\|") or UNKNOWN


if __name__ == "__main__":
    documents = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
    DOCUMENT.write_text(document(documents), encoding="utf-8")
