"""Cache folders that take long to build, outside the repository.

    $XDG_CACHE_HOME/NAME/held    locked while the folder is built and used
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
    name: str,
    key: str,
    make: Callable[[Path], None],
    *,
    wait_s: float = LOCK_S,
    is_shared: bool = True,
) -> Iterator[Path]:
    """Yield the folder `key` of the cache `name`; if it does not exist, `make` it.

    `make` fills an empty folder. Who changes the folder must not share it: then other processes
    wait until it is free, as they do while it is made, up to `wait_s` (s). Raises Unavailable.
    """
    cache = home(name)
    cache.mkdir(parents=True, exist_ok=True)
    finished = cache / key
    with (cache / "held").open("a") as file:
        lock(file, wait_s, is_shared=is_shared)
        while not finished.exists():
            lock(file, wait_s)
            if not finished.exists():
                _make(cache, make, finished)
            lock(file, wait_s, is_shared=is_shared)
        yield finished


def _make(cache: Path, make: Callable[[Path], None], finished: Path) -> None:
    try:
        _made(cache, make).replace(finished)
    except Unavailable:  # a package mirror may have changed meanwhile
        _made(cache, make).replace(finished)


def _made(cache: Path, make: Callable[[Path], None]) -> Path:
    """Build a new folder, the only one in `cache`, and return it. Raises Unavailable."""
    for other in cache.glob("*/"):
        shutil.rmtree(other, ignore_errors=True)  # a killed run may still write there
    unfinished = Path(tempfile.mkdtemp(dir=cache))
    make(unfinished)
    return unfinished
