"""bin/test: install what the tests need, then become tox."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from dev import ROOT
from dev.launcher import debian_test_packages, influxd_build
from hems.system import subprocesses

LANES = 3  # of two cores: most of the time the tests wait
SIDE_BY_SIDE = ("run-parallel", "--parallel", str(LANES), "--parallel-no-spinner")


def run(*, tox_arguments: Sequence[str]) -> int:
    """Become tox, which ends with the tests' exit code.

    Without arguments tox runs all environments, LANES at a time.
    Root installs missing Debian packages when CI=true; otherwise a line says what is skipped. What
    takes long to build is begun with CI=true. Raises Unavailable when apt fails.
    """
    packages = debian_test_packages.missing()
    is_ci = os.environ.get("CI") == "true"
    if packages and is_ci and os.getuid() == 0:
        names = [one.name for one in packages]
        print(f"installing {', '.join(names)} ...", flush=True)
        debian_test_packages.install(names)
    else:
        for purpose in sorted({one.purpose for one in packages}):
            needed = " ".join(one.name for one in packages if one.purpose == purpose)
            print(f"skipped: tests with {purpose}; `apt install {needed}` enables them", flush=True)
    if is_ci:
        influxd_build.start_in_background()
    if not tox_arguments:
        print(f"{LANES} at a time; each prints its output when it ends", flush=True)
    os.chdir(ROOT)  # tox.ini is there
    subprocesses.replace([sys.executable, "-m", "tox", *(tox_arguments or SIDE_BY_SIDE)])
