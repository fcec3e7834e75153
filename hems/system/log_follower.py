"""The new lines of a log file that another program writes, moves away and truncates.

What is in the file at the first look is old news. A file that appears later is read from
its begin. When another file has taken the path's place (a new inode), the old one is read
to its end first. Truncation is seen when the file is shorter than what was read of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from hems.errors import Unavailable

CHUNK = 1 << 20  # bytes a look reads at most
MAX_LINE = 1 << 16  # bytes of a line that are kept; what says who speaks is at its head


class LogFollower:
    """Follows `path`. Each call of `lines` is one look, bounded in time and memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._rest = b""  # of a line that is not whole yet
        self._is_first_look = True
        self.has_more = False

    def lines(self) -> list[str]:
        """Return the lines that are new; `has_more` tells whether to look again at once.

        Bytes that are not UTF-8 become U+FFFD. Raises Unavailable when there is no file.
        """
        is_first_look, self._is_first_look = self._is_first_look, False
        self.has_more = False
        try:
            if self._file is None:
                self._file = self._path.open("rb", buffering=0)
                if is_first_look:
                    self._file.seek(0, os.SEEK_END)
            return [line.decode("utf-8", "replace") for line in self._new_lines(self._file)]
        except OSError as error:
            raise Unavailable(f"{self._path}: {error.strerror}") from error

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    def _new_lines(self, file: BinaryIO) -> list[bytes]:
        is_replaced = self._is_replaced(file)  # asked first: nothing is written to it after
        if os.fstat(file.fileno()).st_size < file.tell():
            file.seek(0)
            self._rest = b""
        data = file.read(CHUNK)
        self.has_more = is_replaced or len(data) == CHUNK
        if is_replaced and not data:
            return self._last_line()
        *whole, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[:MAX_LINE]
        return whole

    def _last_line(self) -> list[bytes]:
        """Finish with a file whose writer may have ended within a line."""
        self.close()
        rest, self._rest = self._rest, b""
        return [rest] if rest else []

    def _is_replaced(self, file: BinaryIO) -> bool:
        """Tell whether another file is at the path; one that is absent has not come yet."""
        try:
            return not os.path.samestat(self._path.stat(), os.fstat(file.fileno()))
        except FileNotFoundError:
            return False
