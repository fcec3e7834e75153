"""A minimal Debian, made from the archive: what Docker's Debian images are."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hems.system import subprocesses
from tests import archive

SUITE = "trixie"
# As in Docker's: apt keeps nothing that an image would have to carry.
NO_CACHE = ['--aptopt=Dir::Cache::pkgcache ""', '--aptopt=Dir::Cache::srcpkgcache ""']
NOTHING_KEPT = 'APT::Keep-Downloaded-Packages "false";\n'  # mmdebstrap itself has to
ROOT_FILES = "root.tar"
MAKE_S = 600.0


def key() -> str:
    """Return a name that changes when something it is made from does."""
    files = [Path(__file__), Path(archive.__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def make(directory: Path) -> None:
    """Make it in the empty `directory`. Raises Unavailable."""
    settings = directory / "apt.conf"
    settings.write_text(NOTHING_KEPT)
    options = [
        "--variant=minbase",
        "--architectures=amd64",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in archive.LEFT_OUT),
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",  # as in Docker's, for the SBOM
        *NO_CACHE,
        f"--customize-hook=upload {settings} /etc/apt/apt.conf.d/nothing-kept",
    ]
    target = [SUITE, str(directory / ROOT_FILES), archive.source(SUITE)]
    subprocesses.run(["mmdebstrap", "--quiet", *options, *target], MAKE_S)
