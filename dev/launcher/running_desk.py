"""Find out whether a desk runs in a folder, and with which variables.

Standard library only, see run_in_virtual_environment.py.
"""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path

from dev.launcher.desk_repair_commands import DeskRepairCommands
from hems.errors import Unavailable

TIMEOUT_S = 5.0
SOCKET = "supervisor.sock"
HEALTH = "health.json"  # etc/supervisord.conf names both
UCRED = struct.Struct("3i")  # pid, uid, gid: unix(7)


def nothing_runs(run_dir: Path) -> str:
    """Return the line that a person sees when no gateway runs in `run_dir`."""
    return (
        f"no gateway runs in {run_dir}; to start one, {DeskRepairCommands(run_dir).start_gateway}"
    )


def is_running(run_dir: Path) -> bool:
    """Return whether a supervisord accepts connections in `run_dir`."""
    return _supervisord(run_dir) is not None


def variables(run_dir: Path) -> dict[str, str]:
    """Return the variables of the workers of the desk in `run_dir`.

    They are those of its supervisord, as the kernel shows them to the same user: no file has a
    secret for this. supervisord.conf adds one. Raises Unavailable if no desk runs there.
    """
    pid = _supervisord(run_dir)
    if pid is None:
        raise Unavailable(nothing_runs(run_dir))
    try:
        data = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError as error:
        text = f"the variables of the desk in {run_dir} cannot be read: {error.strerror}"
        raise Unavailable(f"{text}; run this command as the user who started bin/up") from None
    pairs = (os.fsdecode(entry).partition("=") for entry in data.split(b"\0") if entry)
    known = {name: value for name, _, value in pairs}
    return known | {"HEMS_TELEMETRY_HEALTH_FILE": str(run_dir.resolve() / HEALTH)}


def _supervisord(run_dir: Path) -> int | None:
    """Return the process that listens on supervisord's socket in `run_dir`, None without one."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(TIMEOUT_S)
        try:
            connection.connect(str(run_dir / SOCKET))
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, UCRED.size)
        except OSError:
            return None
    return int(UCRED.unpack(credentials)[0])
