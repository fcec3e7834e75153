"""bin/doctor: the doctor, on the desk that runs, or ran last, in a directory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from hems.desk import run_dir
from hems.doctor.__main__ import COULD_NOT, look
from hems.system import files


def run(*, directory: Path) -> int:
    """Print what is found; return 0, 1 when something has failed, 2 when nothing ever ran here."""
    kept = files.content(directory / run_dir.ENVIRONMENT)
    if kept is None:
        sys.stderr.write(f"nothing has run in {directory}; `python3 bin/up` starts it\n")
        return COULD_NOT
    return look({**os.environ, **msgspec.json.decode(kept, type=dict[str, str])})
