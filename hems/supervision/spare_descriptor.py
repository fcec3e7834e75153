"""Keep a file descriptor in reserve: a file can be opened when no other is left (EMFILE)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class SpareDescriptor:
    """One descriptor of /dev/null. Its owner opens a file in its place, one at a time."""

    def __init__(self) -> None:
        self._descriptor: int | None = None
        self._take()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Free the descriptor until the block ends; the block closes what it opens."""
        self.close()
        try:
            yield
        finally:
            self._take()

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None

    def _take(self) -> None:
        with suppress(OSError):  # another thread was faster; the next time it may be there again
            self._descriptor = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
