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

from dev.launcher import debian_test_packages
from hems.errors import Unavailable
from hems.system import subprocesses
from tests import archive
from tests.required import required

PROGRAMS = {  # program: the Debian package it is in
    "qemu-system-x86_64": "qemu-system-x86",
    "mmdebstrap": "mmdebstrap",
    "bsdtar": "libarchive-tools",
    "newuidmap": "uidmap",  # for mmdebstrap without root
}
OLDEST_QEMU = 10  # QEMU 7.2 loses one boot in ten when it emulates two CPUs
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


def _missing() -> str:
    """Return what the machine lacks, empty when it lacks nothing."""
    if platform.machine() != "x86_64" or not archive.KEYRING.exists():
        return "needs Debian on an amd64 machine"
    packages = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if packages:
        return f"needs more packages: `apt install {' '.join(packages)}`"
    version = subprocesses.run(["qemu-system-x86_64", "--version"], 30)
    match = re.search(r"version (\d+)", version)
    if match is None or int(match[1]) < OLDEST_QEMU:
        return f"needs QEMU {OLDEST_QEMU} or later (see backports), found {version.splitlines()[0]}"
    return ""


def _install() -> None:
    """Install the packages; the release's backports have a QEMU that is new enough."""
    backports = f"{platform.freedesktop_os_release()['VERSION_CODENAME']}-backports"
    SOURCES.write_text(archive.source(backports) + "\n")
    debian_test_packages.install(["-t", backports, *PROGRAMS.values()])
