"""Compare the code in memory with the files that it was imported from."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_STANDARD_LIBRARY = str(Path(os.__file__).parent)
_INSTALLED = ("/site-packages/", "/dist-packages/")  # these may be folders in the one above


class LoadedCode:
    """Size, time of change and inode of each imported file outside the standard library."""

    def __init__(self) -> None:
        files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
        self._stamps = {path: _stamp(path) for path in files if path and _is_watched(path)}

    def changed(self) -> str:
        """Return a file that has changed or is gone, empty if there is none.

        It takes half a millisecond for 400 files.
        """
        return next((path for path, stamp in self._stamps.items() if stamp != _stamp(path)), "")


def _is_watched(path: str) -> bool:
    is_standard = path.startswith(f"{_STANDARD_LIBRARY}/")
    return not is_standard or any(folder in path for folder in _INSTALLED)


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - for hundreds of files
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
