"""Alpine's packages of an image: apk's list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sbom.component import Component, component, licensed, purl

INSTALLED = ("lib/apk/db/installed", "usr/lib/apk/db/installed")  # the second from Alpine 3.23 on


def packages(root: Path, release: str) -> Iterator[Component]:
    """Yield each installed package; `release` is as in `alpine-3.23.1`."""
    paths = [root / name for name in INSTALLED if (root / name).is_file()]
    text = paths[0].read_text(encoding="utf-8") if paths else ""
    for paragraph in text.split("\n\n"):
        lines = (line.partition(":") for line in paragraph.splitlines())
        fields: dict[str, str] = {}
        for key, _, value in lines:
            fields.setdefault(key, value)  # files below repeat some letters
        if "P" in fields:
            yield _package(release, fields)


def _package(release: str, fields: dict[str, str]) -> Component:
    name, version = fields["P"], fields["V"]
    upstream = f"{fields.get('o', name)}@{version}"
    qualifiers = {"arch": fields["A"], "distro": release, "upstream": upstream}
    url = purl("apk", f"alpine/{name}", version, qualifiers)
    return licensed(component(url, name, version), [fields.get("L", "")], is_spdx=True)
