"""Read the new lines of a log file that another program writes, rotates and truncates.

Lines that are in the file at the first call are skipped. A file that appears later is read from
its beginning. When the path leads to another file (a new inode), the old one is read to its end
first. A file that is shorter than what was read of it was truncated.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from hems.errors import Unavailable

CHUNK = 1 << 20  # bytes that one call reads at most
MAX_LINE = 1 << 16  # bytes of a line that are kept; time, level and name are at its start


class LogFollower:
    """Follows `path`. Each call of `lines` is bounded in time and memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._rest = b""  # the beginning of an unfinished line
        self._is_first_call = True
        self.has_more = False

    def lines(self) -> list[str]:
        """Return the new lines; `has_more` is then whether to call again at once.

        Bytes that are not UTF-8 become U+FFFD. Raises Unavailable when there is no file.
        """
        is_first_call, self._is_first_call = self._is_first_call, False
        self.has_more = False
        try:
            if self._file is None:
                self._file = self._path.open("rb", buffering=0)
                if is_first_call:
                    self._file.seek(0, os.SEEK_END)
            return [line.decode("utf-8", "replace") for line in self._new_lines(self._file)]
        except OSError as error:
            raise Unavailable(f"{self._path}: {error.strerror}") from error

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = None

    def _new_lines(self, file: BinaryIO) -> list[bytes]:
        is_replaced = self._is_replaced(file)  # checked first: afterwards nothing is written to it
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
        """Close the file; return the last line, which may have no line break."""
        self.close()
        rest, self._rest = self._rest, b""
        return [rest] if rest else []

    def _is_replaced(self, file: BinaryIO) -> bool:
        """Return whether the path leads to another file; a missing one has not appeared yet."""
        try:
            return not os.path.samestat(self._path.stat(), os.fstat(file.fileno()))
        except FileNotFoundError:
            return False
