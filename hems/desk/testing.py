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
        names = [one.name for one in packages]
        print(f"installing {', '.join(names)} ...", flush=True)
        debian.install(names)
    else:
        for purpose in sorted({one.purpose for one in packages}):
            needed = " ".join(one.name for one in packages if one.purpose == purpose)
            print(f"skipped: tests with {purpose}; `apt install {needed}` enables them", flush=True)
    os.chdir(ROOT)  # where tox.ini is
    process.replace([sys.executable, "-m", "tox", *tox_arguments])
