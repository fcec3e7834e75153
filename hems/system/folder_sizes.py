"""Measure the files and folders that are directly in a volume."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

MAX_ENTRIES = 200_000  # of one folder; more would take longer than a worker may be silent
BLOCK = 512  # bytes, of st_blocks


def sizes(volumes: Iterable[Path]) -> dict[str, int]:
    """Return the bytes on disk of everything directly in the `volumes`, by its path.

    A volume that is missing, or a folder that may not be read, counts as empty.
    """
    return {entry.path: _size(entry) for volume in volumes for entry in _entries(str(volume))}


def _size(entry: os.DirEntry[str]) -> int:
    """Return the size of a file, or of a folder with everything in it; links are not followed."""
    total, waiting, count = 0, [entry], 0
    while waiting and count < MAX_ENTRIES:
        current, count = waiting.pop(), count + 1
        try:
            total += current.stat(follow_symlinks=False).st_blocks * BLOCK
            if current.is_dir(follow_symlinks=False):
                waiting += _entries(current.path)
        except OSError:  # it has just been deleted
            continue
    return total


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
