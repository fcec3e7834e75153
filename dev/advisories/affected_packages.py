"""Find the advisories that affect a package, and say what to do about each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from packageurl import PackageURL

from dev.advisories import osv_records
from dev.advisories.osv_records import Advisory, Affected
from dev.advisories.sbom_packages import ShippedPackage

HOME_ASSISTANT = "homeassistant"
BUILD_AGAIN = "build again (`balena push --nocache`): a build takes Debian's newest packages"
NEWER_BASE = "raise the base image's tag in the service's Dockerfile to one that has it"


class AffectedPackage(NamedTuple):
    """`packages` are those of one source in one image; `fixed` is empty if no fix is known."""

    image: str
    packages: tuple[str, ...]
    version: str
    advisory: Advisory
    fixed: str
    ecosystem: str
    is_certain: bool

    def lines(self) -> Iterator[str]:
        """Yield what a person reads: what was found, and what to do."""
        names = ", ".join(self.packages)
        aliases = f" ({', '.join(self.advisory.aliases)})" if self.advisory.aliases else ""
        yield f"{self.image}: {names} {self.version}: {self.advisory.id}{aliases}"
        text = self.advisory.summary or self.advisory.details.strip().partition("\n")[0]
        if text:
            yield f"    {text}"
        yield f"    {self._action()}"

    def _action(self) -> str:
        if not self.is_certain:
            return "the versions cannot be compared: read the advisory, and decide by hand"
        if not self.fixed:
            return "no version with a fix is known: read the advisory, and name it in SECURITY.md"
        return f"fixed in {self.fixed}: {_how(self.image, self.ecosystem)}"


def find(
    packages: Iterable[ShippedPackage], advisories: Iterable[Advisory]
) -> list[AffectedPackage]:
    """Return what affects the packages, by image and advisory."""
    index: dict[str, list[ShippedPackage]] = {}
    for package in packages:
        for name in {*map(_normalised, package.names), _plain(package.url)}:
            index.setdefault(name, []).append(package)
    merged: dict[tuple[str, str, str], AffectedPackage] = {}
    for advisory in advisories:
        for affected in advisory.affected:
            for package in _named(affected, index):
                for one in _affected(package, advisory, affected):
                    key = (one.image, advisory.id, one.version)
                    known = merged.get(key)
                    names = {*one.packages, *(known.packages if known else ())}
                    merged[key] = one._replace(packages=tuple(sorted(names)))
    return [merged[key] for key in sorted(merged)]


def _named(affected: Affected, index: dict[str, list[ShippedPackage]]) -> list[ShippedPackage]:
    """Return the packages that have the advisory's name, each once."""
    keys = [_normalised(affected.package.name)]
    if affected.package.purl:
        keys.append(_plain(PackageURL.from_string(affected.package.purl)))
    packages = [package for key in keys for package in index.get(key, [])]
    return [one for number, one in enumerate(packages) if one not in packages[:number]]


def _affected(
    package: ShippedPackage, advisory: Advisory, affected: Affected
) -> Iterator[AffectedPackage]:
    ecosystem, _, release = affected.package.ecosystem.partition(":")
    is_other = ecosystem != package.ecosystem or (release and release != package.release)
    if is_other and not _has_url(package, affected):
        return
    name = affected.package.name
    versions = {_normalised(one): version for one, version in package.names.items()}
    version = versions.get(_normalised(name), package.names[package.name])
    try:
        if not osv_records.affects(affected, package.ecosystem, version):
            return
        fixed, is_certain = osv_records.fixed_version(affected, package.ecosystem, version), True
    except osv_records.Uncertain:
        fixed, is_certain = "", False
    names = (package.name,)
    yield AffectedPackage(
        package.image, names, version, advisory, fixed, package.ecosystem, is_certain
    )


def _has_url(package: ShippedPackage, affected: Affected) -> bool:
    """Return whether an advisory without an ecosystem of ours names the package by its URL."""
    if package.ecosystem or not affected.package.purl:
        return False
    return _plain(package.url) == _plain(PackageURL.from_string(affected.package.purl))


def _plain(url: PackageURL) -> str:
    """Return the URL without a version and qualifiers."""
    return PackageURL(url.type, url.namespace, url.name).to_string()


def _normalised(name: str) -> str:
    """Return the name as PyPI compares names; others have no two that differ by this alone."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _how(image: str, ecosystem: str) -> str:
    if image == HOME_ASSISTANT and ecosystem == "PyPI":
        return "raise Home Assistant (docs/upgrading.md) to a release that has it"
    return {
        "PyPI": "make the image's requirements.lock again; its first lines name the command",
        "npm": "raise it in the service's package.json, then `npm install --package-lock-only`",
        "Debian": BUILD_AGAIN,
    }.get(ecosystem, NEWER_BASE)
