"""bin/doctor: run the doctor on the desk that runs in a folder, with the desk's own variables."""

from __future__ import annotations

import sys
from pathlib import Path

from dev.launcher.desk_repair_commands import DeskRepairCommands
from dev.launcher.running_desk import is_running, nothing_runs, variables
from hems.doctor.diagnose_gateway import NOT_EXAMINED, diagnose


def run(*, run_dir: Path) -> int:
    """Print the findings; return 0, 1 when a check has failed, 2 when no gateway runs there."""
    if not is_running(run_dir):
        sys.stderr.write(f"doctor: {nothing_runs(run_dir)}\n")
        return NOT_EXAMINED
    return diagnose(variables(run_dir), DeskRepairCommands(run_dir))
