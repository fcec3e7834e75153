"""Check that the disk has free space and free inodes."""

from __future__ import annotations

import os

from hems.doctor.check_interface import CheckContext, Finding, failed, note, ok
from hems.protocols.gateway.disk_limits import FILLING, NOTE

TITLE = "disk"
CAUSES = ("settings",)
MIN_SHARE, LOW_SHARE = FILLING / 100, NOTE / 100  # of the whole
MB = 1_000_000


def check(context: CheckContext) -> list[Finding]:
    directory = context.settings.provision.data_directory
    try:
        disk = os.statvfs(directory)
    except OSError as error:
        return [failed(f"{directory}: {error.strerror}", "a volume", "see the check volumes")]
    advice = context.commands.free_space
    megabytes = f"{disk.f_bavail * disk.f_frsize // MB} MB"
    space = free_share(disk.f_bavail, disk.f_blocks, megabytes, advice)
    if not disk.f_files:  # a file system without a limit on files
        return [space]
    return [space, free_share(disk.f_favail, disk.f_files, f"{disk.f_favail} files", advice)]


def free_share(free: int, total: int, amount: str, advice: str) -> Finding:
    """Return whether `free` of `total` is enough; `amount` is `free` with its unit."""
    share = free / total if total else 0.0
    found = f"{amount} free, {share:.0%}"
    if share < MIN_SHARE:
        return failed(found, f"at least {MIN_SHARE:.0%}", advice)
    return note(found, advice) if share < LOW_SHARE else ok(found)
