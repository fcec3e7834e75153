"""Debian's packages of an image: dpkg's list, and the licences that their copyright files name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sbom.component import Component, component, licensed, purl

STATUS = "var/lib/dpkg/status"
INSTALLED = "install ok installed"
SOURCE = re.compile(r"(\S+)(?: \((\S+)\))?")
# The machine-readable form (DEP-5) has fields; the others point to the texts that Debian keeps.
NAMED = re.compile(r"^License:[ \t]*(\S.*)$", re.MULTILINE)
COMMON = re.compile(r"/usr/share/common-licenses/([A-Za-z][A-Za-z0-9.+-]*[A-Za-z0-9])")


def packages(root: Path, release: str) -> Iterator[Component]:
    """Yield each installed package; `release` is as in `debian-13`."""
    path = root / STATUS
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for paragraph in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if _is_field(line))
        if fields.get("Status") == INSTALLED:
            yield _package(root, release, fields)


def _package(root: Path, release: str, fields: dict[str, str]) -> Component:
    name, version = fields["Package"], fields["Version"]
    source = SOURCE.match(fields.get("Source", name))
    upstream = f"{source[1]}@{source[2] or version}" if source else f"{name}@{version}"
    qualifiers = {"arch": fields["Architecture"], "distro": release, "upstream": upstream}
    url = purl("deb", f"debian/{name}", version, qualifiers)
    return licensed(component(url, name, version), licences(_copyright(root, name)))


def licences(copyright_file: str) -> list[str]:
    """Return the short names of the licences that a copyright file of Debian names."""
    named = (text.strip().rstrip(",") for text in NAMED.findall(copyright_file))
    return sorted(set(named) or set(COMMON.findall(copyright_file)))


def _copyright(root: Path, name: str) -> str:
    path = root / "usr/share/doc" / name / "copyright"
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _is_field(line: str) -> bool:
    return ": " in line and not line.startswith(" ")
