"""Read the packages that an SBOM (CycloneDX, services/sbom) lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from packageurl import PackageURL

from hems.errors import ConfigError

SUFFIX = ".cdx.json"
DISTRIBUTIONS = {"deb": "Debian", "apk": "Alpine"}
LANGUAGES = {"pypi": "PyPI", "npm": "npm"}
ALPINE_RELEASE = re.compile(r"\d+\.\d+")


class Component(msgspec.Struct, frozen=True):
    name: str
    version: str = ""
    purl: str = ""


class Subject(msgspec.Struct, frozen=True):
    component: Component


class Document(msgspec.Struct, frozen=True):
    metadata: Subject
    components: tuple[Component, ...]


class ShippedPackage(NamedTuple):
    """A package of the image of service `image`.

    `names` maps each name that advisories may use, also that of the source, to its version.
    `ecosystem` and `release` are OSV's (`Debian` and `13`); without an ecosystem only advisories
    with the package's URL can fit.
    """

    image: str
    name: str
    names: dict[str, str]
    ecosystem: str
    release: str
    url: PackageURL


def read(place: Path) -> Iterator[ShippedPackage]:
    """Yield the packages of one SBOM, or of each NAME.cdx.json in a folder. Raises ConfigError."""
    paths = sorted(place.glob(f"*{SUFFIX}")) if place.is_dir() else [place]
    if not paths:
        raise ConfigError(f"{place}: found no file *{SUFFIX}, expected the SBOMs of images")
    for path in paths:
        try:
            document = msgspec.json.decode(path.read_bytes(), type=Document)
            for one in document.components:
                if one.purl.startswith("pkg:"):
                    yield _package(document.metadata.component.name, one)
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
        except (msgspec.MsgspecError, ValueError) as error:
            raise ConfigError(f"{path} is no SBOM: {error}") from error


def _package(image: str, component: Component) -> ShippedPackage:
    url = PackageURL.from_string(component.purl)
    names = {component.name: component.version}
    qualifiers = url.qualifiers if isinstance(url.qualifiers, dict) else {}
    source, _, version = str(qualifiers.get("upstream", "")).rpartition("@")
    if source:
        names[source] = version
    kind = url.type
    release = str(qualifiers.get("distro", "")).partition("-")[2]
    if kind == "apk" and (short := ALPINE_RELEASE.match(release)):
        release = f"v{short[0]}"
    ecosystem = DISTRIBUTIONS.get(kind) or LANGUAGES.get(kind, "")
    return ShippedPackage(image, component.name, names, ecosystem, release, url)
