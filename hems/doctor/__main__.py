"""python -m hems.doctor: look at everything, print what was found; 1 when something has failed."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from loguru import logger

from hems.doctor import report
from hems.doctor.checks import checks
from hems.doctor.examination import examine
from hems.settings.load import read
from hems.settings.problem import FILE

DEFAULT_CONFIG = "/etc/hems/hems.toml"
LIMIT_S = 15.0
COULD_NOT = 2
RESOLVER = "RES_OPTIONS", "timeout:2 attempts:1"  # resolv.conf(5): a silent one is not waited for


def look(environ: Mapping[str, str]) -> int:
    """Print what is found on the gateway with these variables; return the exit code.

    0: all is well, 1: something has failed, 2: there is no hems.toml that can be read.
    """
    logger.remove()
    settings, problems = read(Path(environ.get("HEMS_CONFIG", DEFAULT_CONFIG)), environ)
    if spoilt := [one.text for one in problems if one.part == FILE]:
        sys.stderr.write(f"no worker can run, nor can this: {'; '.join(spoilt)}\n")
        return COULD_NOT
    found = examine(checks(settings, problems), LIMIT_S)
    sys.stdout.writelines(f"{line}\n" for line in report.lines(found))
    return 0 if report.is_well(found) else 1


if __name__ == "__main__":
    os.environ.setdefault(*RESOLVER)
    sys.exit(look(os.environ))
