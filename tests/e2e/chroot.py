"""The root file system that Home Assistant runs in: a small Debian 13 and the packages of the lock.

Its image is Alpine with its makers' builds; Debian's Python 3.13 takes the wheels of PyPI. The
places where the image has something, or the compose project mounts it, are there and empty.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from hems.system import process
from tests import archive

HERE = Path(__file__).parent
SUITE, PYTHON = "trixie", "python3.13"
PACKAGES = (PYTHON, "s6", "libturbojpeg0", "tzdata")
SETTINGS, LOCK = HERE / "uv.toml", HERE / "homeassistant.lock"
SITE = "usr/local/lib/python3.13/dist-packages"
PLACES = ("config", "gateway", "opt/gateway", "etc/cont-init.d")
DEBIAN_S, INSTALL_S, COMPILE_S = 600, 600, 300


def key() -> str:
    """Return a name that changes when something the root is made from does."""
    made_from = [Path(__file__), Path(archive.__file__), SETTINGS, LOCK]
    text = "\n".join(file.read_text() for file in made_from)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def make(directory: Path) -> None:
    """Make the root in the empty `directory`. Raises Unavailable."""
    options = [f"--dpkgopt=path-exclude={pattern}" for pattern in archive.LEFT_OUT]
    options += ["--variant=minbase", "--architectures=amd64", f"--include={','.join(PACKAGES)}"]
    source = archive.source(SUITE)
    process.run(["mmdebstrap", "--quiet", *options, SUITE, str(directory), source], DEBIAN_S)
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--config-file", str(SETTINGS)]
    what = ["--no-deps", "--require-hashes", "--requirements", str(LOCK)]
    process.run([*uv, *what, "--target", str(directory / SITE)], INSTALL_S)
    compile_all = [PYTHON, "-W", "ignore", "-m", "compileall", "-q", "-j", "0", f"/{SITE}"]
    process.run(["chroot", str(directory), *compile_all], COMPILE_S)
    for place in PLACES:
        (directory / place).mkdir(parents=True)
    (directory / "usr/local/bin/python3").symlink_to(f"/usr/bin/{PYTHON}")
    (directory / "etc/cont-init.d/gateway").symlink_to("/opt/gateway/start.py")
