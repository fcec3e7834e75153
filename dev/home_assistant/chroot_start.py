"""Run a desk's Home Assistant in a root file system: python -m dev.home_assistant.chroot_start.

Arguments: ROOT, RUN_DIR. It must be root, in a mount namespace of its own (unshare --mount).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dev import ROOT
from dev.home_assistant import root_mounts
from dev.home_assistant.installation import CONFIG, DEFAULTS
from hems.system import subprocesses

MOUNT_S = 10
INSIDE = "homeassistant-root"
SERVICE, PROGRAM, DESK_DEFAULTS = "/opt/gateway", "/run/program", "/run/defaults"
ENVIRONMENT = "/run/s6/container_environment"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def main() -> None:
    """Become Home Assistant."""
    root, run_dir = map(Path, sys.argv[1:])
    inside = run_dir / INSIDE
    for folder in (inside, run_dir / CONFIG):
        folder.mkdir(exist_ok=True)
    places = {
        "/config": run_dir / CONFIG,
        "/gateway": run_dir / "gateway",
        SERVICE: ROOT / "services" / "homeassistant",
        PROGRAM: Path(__file__).parent,
        DESK_DEFAULTS: run_dir / DEFAULTS,
    }
    for argv in root_mounts.commands(root, inside, places):
        subprocesses.run(argv, MOUNT_S)
    os.chroot(inside)
    os.chdir("/")
    start = ["/usr/local/bin/python3", f"{PROGRAM}/start_on_desk.py", SERVICE, DESK_DEFAULTS]
    program = [*start, "/config", "/gateway/secrets", ENVIRONMENT]
    variables = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8"}
    os.execve(program[0], program, variables)  # noqa: S606 - there is no shell


if __name__ == "__main__":
    main()
