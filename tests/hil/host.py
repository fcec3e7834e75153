"""What the rig needs of the machine it runs on: an amd64 Debian with a few packages.

Root in CI installs them. Anywhere else the tests are skipped, with a line that says what is
missing.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
from pathlib import Path

from hems.desk import debian
from hems.errors import Unavailable
from hems.system import process
from tests.required import required

PROGRAMS = {  # program: the Debian package it is in
    "qemu-system-x86_64": "qemu-system-x86",
    "mmdebstrap": "mmdebstrap",
    "bsdtar": "libarchive-tools",
    "newuidmap": "uidmap",  # for mmdebstrap without root
}
OLDEST_QEMU = 10  # QEMU 7.2 loses one boot in ten when it emulates two CPUs
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SOURCES = Path("/etc/apt/sources.list.d/hems-hil.list")


def require() -> None:
    """Return once the machine has everything; skip if it does not, but fail in CI."""
    try:
        if _missing() and os.environ.get("CI") and os.getuid() == 0:
            _install()
        missing = _missing()
    except Unavailable as error:
        missing = str(error)
    required(f"hardware in the loop {missing}" if missing else "")


def mirror() -> str:
    """Return the address of the Debian archive that apt is set up for. Raises Unavailable."""
    columns = ["--no-release-info", "--format", "$(REPO_URI)", "Created-By: Packages"]
    addresses = process.run(["apt-get", "indextargets", *columns], 30).split()
    for address in addresses:
        if address.rstrip("/").endswith("/debian"):
            return address
    raise Unavailable(f"apt knows {addresses or 'no archive'}, expected one that ends in /debian")


def source(suite: str) -> str:
    """Return the line of sources.list for `suite`. Raises Unavailable."""
    return f"deb [arch=amd64 signed-by={KEYRING}] {mirror()} {suite} main"


def _missing() -> str:
    """Return what the machine lacks, empty when it lacks nothing."""
    if platform.machine() != "x86_64" or not KEYRING.exists():
        return "needs Debian on an amd64 machine"
    packages = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if packages:
        return f"needs more packages: `apt install {' '.join(packages)}`"
    version = process.run(["qemu-system-x86_64", "--version"], 30)
    found = re.search(r"version (\d+)", version)
    if found is None or int(found[1]) < OLDEST_QEMU:
        return f"needs QEMU {OLDEST_QEMU} or later (see backports), found {version.splitlines()[0]}"
    return ""


def _install() -> None:
    """Install the packages; the release's backports have a QEMU that is new enough."""
    backports = f"{platform.freedesktop_os_release()['VERSION_CODENAME']}-backports"
    SOURCES.write_text(source(backports) + "\n")
    debian.install(["-t", backports, *PROGRAMS.values()])
