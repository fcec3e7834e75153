"""Let the container see what is plugged in while it runs, as balena's own base images do.

The engine copies the host's device nodes into a privileged container once, at its start. devtmpfs
is what the kernel itself makes and removes nodes in, and where the host's udev keeps its links.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

MS_BIND, MS_REC, MNT_DETACH = 0x1000, 0x4000, 2  # mount(2), umount(2)
MOUNTS = Path("/proc/self/mounts")
ENGINES = "tmpfs"  # the type of what the engine mounts as /dev
_libc = ctypes.CDLL(None, use_errno=True)


def show_all(devices: Path, workspace: Path) -> None:
    """Put the kernel's nodes in place of the engine's copies in `devices` (/dev).

    What is mounted below stays: pts, shm, mqueue. `workspace` is a folder for the meantime. Raises
    OSError; PermissionError in a container that is not privileged.
    """
    mounts = dict(_mounts(MOUNTS.read_text(encoding="utf-8")))
    if mounts.get(devices) != ENGINES:
        return
    workspace.mkdir(parents=True, exist_ok=True)
    _mount("devtmpfs", workspace, "devtmpfs", 0)
    try:
        for path in mounts:
            if path.parent == devices and (target := workspace / path.name).exists():
                _mount(str(path), target, "", MS_BIND)
        _mount(str(workspace), devices, "", MS_BIND | MS_REC)
    finally:
        _checked(_libc.umount2(os.fsencode(workspace), MNT_DETACH), workspace)


def _mounts(text: str) -> Iterator[tuple[Path, str]]:
    """Yield place and type of each mount; of several at one place the last one counts."""
    for line in text.splitlines():
        _source, place, kind, *_ = line.split()
        yield Path(place), kind


def _mount(source: str, target: Path, kind: str, flags: int) -> None:
    texts = source.encode(), os.fsencode(target), kind.encode() or None
    _checked(_libc.mount(*texts, ctypes.c_ulong(flags), None), target)


def _checked(result: int, path: Path) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(path))
