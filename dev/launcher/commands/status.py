"""bin/status: print the health of every unit of a running desk."""

from __future__ import annotations

import time
from pathlib import Path

from dev.launcher.supervisord_client import SupervisordClient
from hems.supervision.health import health_json, health_table
from hems.supervision.processes import resource_usage

UNHEALTHY = 3  # the exit code of `supervisorctl health`


def run(*, run_dir: Path, as_json: bool) -> int:
    """Print the health of every unit; return 3 if one is unhealthy, else 0.

    Raises Unavailable when nothing runs in `run_dir`.
    """
    rows = SupervisordClient(run_dir).health()
    usages = resource_usage.usages({row.name: row.pid for row in rows if row.pid})
    width = health_table.terminal_width()
    if as_json:
        print(health_json.as_json(rows, usages))
    else:
        print(health_table.as_table(rows, width, time.monotonic(), usages))
    return 0 if all(row.is_healthy for row in rows) else UNHEALTHY
