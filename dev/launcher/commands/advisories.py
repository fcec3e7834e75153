"""bin/advisories: print what is known against the packages of images."""

from __future__ import annotations

from pathlib import Path

from dev.advisories import affected_packages, osv_records, sbom_packages

FOUND = 3  # as bin/status for what is unhealthy


def run(*, sboms: list[Path], advisories: Path) -> int:
    """Print each affected package and what to do. Return 3 if there is one, else 0."""
    listed = [package for place in sboms for package in sbom_packages.read(place)]
    affected = affected_packages.find(listed, osv_records.read(advisories))
    for one in affected:
        print("\n".join(one.lines()))
    images = len({package.image for package in listed})
    print(f"{len(listed)} packages of {images} images: {len(affected)} advisories apply")
    return FOUND if affected else 0
