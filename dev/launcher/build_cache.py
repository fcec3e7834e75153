"""Cache folders that take long to build, outside the repository.

    $XDG_CACHE_HOME/NAME/lock    held while the folder is built and used
    $XDG_CACHE_HOME/NAME/KEY/    the built folder; KEY is a hash of its ingredients

One folder is kept. It gets its name when it is complete, so a half-built one is never used; the
next build removes it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from dev.launcher.file_lock import lock
from hems.errors import Unavailable

LOCK_S = 900.0


def home(name: str) -> Path:
    """Return the folder of the cache `name`, which may not exist yet."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / name


@contextlib.contextmanager
def held(
    name: str, key: str, make: Callable[[Path], None], wait_s: float = LOCK_S
) -> Iterator[Path]:
    """Yield the folder `key` of the cache `name`; other processes wait for it, up to `wait_s` (s).

    If it does not exist, `make` fills an empty folder first. Raises Unavailable.
    """
    cache = home(name)
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("a") as file:
        lock(file, wait_s)
        finished = cache / key
        if not finished.exists():
            try:
                _made(cache, make).replace(finished)
            except Unavailable:  # a package mirror may have changed meanwhile
                _made(cache, make).replace(finished)
        yield finished


def _made(cache: Path, make: Callable[[Path], None]) -> Path:
    """Build a new folder, the only one in `cache`, and return it. Raises Unavailable."""
    for other in cache.glob("*/"):
        shutil.rmtree(other, ignore_errors=True)  # a killed run may still write there
    unfinished = Path(tempfile.mkdtemp(dir=cache))
    make(unfinished)
    return unfinished
