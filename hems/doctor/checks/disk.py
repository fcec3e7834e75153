"""There is room on the disk, and for more files."""

from __future__ import annotations

import os

from hems.doctor.finding import Finding, failed, note, ok
from hems.settings import Settings

LEAST, LITTLE = 0.05, 0.15  # of all
MB = 1_000_000
ADVICE = "keep less: set HEMS_INFLUXDB_RETENTION_DAYS, or put in a larger card"


def look(settings: Settings) -> list[Finding]:
    directory = settings.provision.data_directory
    try:
        room = os.statvfs(directory)
    except OSError as error:
        return [failed(f"{directory}: {error.strerror}", "a volume", "see the check volumes")]
    bytes_ = judged(room.f_bavail, room.f_blocks, f"{room.f_bavail * room.f_frsize // MB} MB")
    if not room.f_files:  # it counts none
        return [bytes_]
    return [bytes_, judged(room.f_favail, room.f_files, f"{room.f_favail} files")]


def judged(free: int, total: int, words: str) -> Finding:
    """Return what it means that `free` of `total` is left; `words` say how much that is."""
    share = free / total if total else 0.0
    found = f"{words} are free, {share:.0%}"
    if share < LEAST:
        return failed(found, f"at least {LEAST:.0%}", ADVICE)
    return note(found, ADVICE) if share < LITTLE else ok(found)
