"""bin/test: what the tests need, then tox."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from hems.desk import debian
from hems.desk.launch import ROOT
from hems.system import process


def run(*, tox_arguments: Sequence[str]) -> int:
    """Become tox; its exit code is the tests'.

    Missing Debian packages are installed by root when CI=true; elsewhere a line says what
    is skipped. Raises Unavailable when apt fails.
    """
    packages = debian.missing()
    if packages and os.environ.get("CI") == "true" and os.getuid() == 0:
        print(f"installing {', '.join(packages)} ...", flush=True)
        debian.install(packages)
    else:
        for package in packages:
            what = debian.PACKAGES[package]
            print(f"skipped: tests with {what}; `apt install {package}` enables them", flush=True)
    os.chdir(ROOT)  # where tox.ini is
    process.replace([sys.executable, "-m", "tox", *tox_arguments])
