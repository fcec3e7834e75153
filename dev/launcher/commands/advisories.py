"""bin/advisories: print what is known against the packages of images."""

from __future__ import annotations

from pathlib import Path

from dev.advisories import hits, osv, packages

FOUND = 3  # as bin/status for what is unhealthy


def run(*, sboms: list[Path], advisories: Path) -> int:
    """Print each hit with what to do; return 3 if there is one, else 0. Raises ConfigError."""
    listed = [package for place in sboms for package in packages.read(place)]
    found = hits.find(listed, osv.read(advisories))
    for hit in found:
        print("\n".join(hit.lines()))
    images = len({package.image for package in listed})
    print(f"{len(listed)} packages of {images} images: {len(found)} advisories apply")
    return FOUND if found else 0
