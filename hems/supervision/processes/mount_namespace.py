"""Give a process its own view of the file system: PrivateTmp, ReadOnlyPaths and the like.

It needs CAP_SYS_ADMIN, which most containers lack.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from hems.supervision.processes import system_calls
from hems.supervision.settings.process_settings import MountSettings, PathEntry, ProtectSystem

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8  # mount(2)
MS_REMOUNT, MS_BIND, MS_REC, MS_SLAVE = 0x20, 0x1000, 0x4000, 0x80000
_KEPT = MS_NOSUID | MS_NODEV | MS_NOEXEC  # the same bits in statvfs(3)
_SYSTEM = {
    ProtectSystem.NO: (),
    ProtectSystem.YES: ("/usr", "/boot"),
    ProtectSystem.FULL: ("/usr", "/boot", "/etc"),
    ProtectSystem.STRICT: ("/",),
}
_ESCAPE = re.compile(r"\\(\d{3})")  # a space is \040
_NOT_STRICT = ("/dev", "/proc", "/sys")
_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108


def enter(settings: MountSettings) -> None:
    """Make a mount namespace for this process. Raises OSError."""
    system_calls.unshare(system_calls.CLONE_NEWNS)
    system_calls.mount("", "/", "", MS_REC | MS_SLAVE)
    for path in _TEMPORARY if settings.private_tmp else ():
        if Path(path).is_dir():
            system_calls.mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777")
    for path in _existing(settings.inaccessible):
        _hide(path)
    _protect(settings)


def _protect(settings: MountSettings) -> None:
    """Make every mount read-only whose nearest path with a rule says so."""
    system = [PathEntry(path, is_optional=True) for path in _SYSTEM[settings.protect_system]]
    rules = dict.fromkeys(_existing([tuple(system), *settings.read_only]), True)
    if "/" in rules:
        rules |= dict.fromkeys(_NOT_STRICT, False)
        rules |= dict.fromkeys(_TEMPORARY if settings.private_tmp else (), False)
    rules |= dict.fromkeys(_existing(settings.read_write), False)
    for path in sorted(rules, key=len):  # a rule needs a mount
        if Path(path).exists() and not Path(path).is_mount():
            system_calls.mount(path, path, "", MS_BIND | MS_REC)
    for point in _mount_points():
        nearest = max((path for path in rules if _is_below(point, path)), key=len, default="")
        if rules.get(nearest):
            flags = os.statvfs(point).f_flag & _KEPT
            system_calls.mount("", point, "", MS_REMOUNT | MS_BIND | MS_RDONLY | flags)


def _hide(path: str) -> None:
    """Put something empty in the place of a file or folder."""
    if Path(path).is_dir():
        system_calls.mount("tmpfs", path, "tmpfs", MS_RDONLY | MS_NOSUID, "mode=000,size=4k")
    else:
        system_calls.mount("/dev/null", path, "", MS_BIND)


def _existing(lists: Iterable[Iterable[PathEntry]]) -> Iterator[str]:
    """Yield the real paths of all entries. Raises FileNotFoundError."""
    for entry in (entry for entries in lists for entry in entries):
        if not entry.is_optional or Path(entry.path).exists():
            yield str(Path(entry.path).resolve(strict=True))


def _mount_points() -> list[str]:
    """Return the mount points that this process can reach: proc(5), field 5 of mountinfo."""
    # Not splitlines() and split(): the kernel escapes only some of the white space in a path.
    lines = os.fsdecode(Path("/proc/self/mountinfo").read_bytes()).split("\n")[:-1]
    points = [_ESCAPE.sub(lambda code: chr(int(code[1], 8)), line.split(" ")[4]) for line in lines]
    return sorted({point for point in points if Path(point).exists()}, key=len)


def _is_below(path: str, folder: str) -> bool:
    return folder in {"/", path} or path.startswith(f"{folder}/")
