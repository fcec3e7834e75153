"""version.txt and version_container.txt: the release that Home Assistant was last restarted for.

The first has the number of the release, the second the id of the container that ran then.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from loguru import logger

from hems.errors import Unavailable
from hems.system import files

CONTAINER_FILE = "version_container.txt"
MAX_DIGITS = 18
CONTAINER_ID = re.compile(r"[A-Za-z0-9-]{1,100}")  # Docker's have 64 hex digits


class ReleaseRecord:
    """The release and the container, also while they cannot be written.

    `release` is None before the first one; `container` is empty while it is not known.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_saved = True
        self.release: int | None = None
        self.container = _container_in(path.with_name(CONTAINER_FILE))

    def load(self) -> None:
        """Read the release if it is not known yet. Raises Unavailable."""
        if self.release is None:
            self.release = self._read()

    def change(self, release: int, container: str) -> None:
        """Record from here on; `save` writes it."""
        self.release, self.container, self._is_saved = release, container, False

    def save(self) -> None:
        """Write what has changed. Raises Unavailable.

        The release comes before its container: a stop in between costs no restart.
        """
        if self._is_saved:
            return
        files.replace(self._path, f"{self.release}\n".encode())
        files.replace(self._path.with_name(CONTAINER_FILE), f"{self.container}\n".encode())
        self._is_saved = True

    def written_at(self) -> float:
        """Return when the release was written (unix time, s), infinity if it was not."""
        try:
            return self._path.stat().st_mtime
        except OSError:
            return math.inf

    def _read(self) -> int | None:
        try:
            text = self._path.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be read: {error.strerror}") from None
        if not (text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS):
            logger.warning(
                "{}: found {!r}, expected the number of a release; recording the current one",
                self._path,
                text[:40],
            )
            return None
        return int(text)


def _container_in(path: Path) -> str:
    """Return the id in the file, empty if there is none."""
    try:
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
    return text if CONTAINER_ID.fullmatch(text) else ""
