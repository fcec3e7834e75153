"""What is made once, kept outside the repository.

    $XDG_CACHE_HOME/NAME/lock    held while it is made and used
    $XDG_CACHE_HOME/NAME/KEY/    what was made; KEY says what it was made from

One is kept. It gets its name when it is whole, so a half-made one is never used and goes when
the next is made.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hems.errors import Unavailable

LOCK_S = 900.0


@contextlib.contextmanager
def held(name: str, key: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """Yield the folder `key` of the cache `name`; others who want it wait.

    `make` fills it, an empty folder, if it is not there. Raises Unavailable.
    """
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / name
    home.mkdir(parents=True, exist_ok=True)
    with _lock(home / "lock"):
        finished = home / key
        if not finished.exists():
            try:
                _made(home, make).replace(finished)
            except Unavailable:  # the mirror has changed under apt's hands, it may be
                _made(home, make).replace(finished)
        yield finished


def _made(home: Path, make: Callable[[Path], None]) -> Path:
    """Return the place of what is new, the only one in `home`. Raises Unavailable."""
    for other in home.glob("*/"):
        shutil.rmtree(other, ignore_errors=True)  # a killed run may still write there
    unfinished = Path(tempfile.mkdtemp(dir=home))
    make(unfinished)
    return unfinished


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    deadline = time.monotonic() + LOCK_S
    with path.open("a") as file:
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise Unavailable(f"another run has held {path} for {LOCK_S:g} s")
            time.sleep(0.5)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
