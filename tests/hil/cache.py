"""Images that are made once, and kept outside the repository.

    $XDG_CACHE_HOME/hems-hil/lock    held while an image is made and used
    $XDG_CACHE_HOME/hems-hil/KEY/    one image; KEY says what it was made from

One image is kept. It gets its name when it is whole, so a half-made one is never used and goes
when the next is made.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hems.errors import Unavailable
from tests.hil import image
from tests.hil.image import Image

LOCK_S = 900.0


@contextlib.contextmanager
def held() -> Iterator[Image]:
    """Yield the image, made first if need be; others who want it wait. Raises Unavailable."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hems-hil"
    home.mkdir(parents=True, exist_ok=True)
    with _lock(home / "lock"):
        finished = home / image.key()
        if not finished.exists():
            try:
                _make(home).replace(finished)
            except Unavailable:  # the mirror has changed under apt's hands, it may be
                _make(home).replace(finished)
        yield Image(finished)


def _make(home: Path) -> Path:
    """Return the place of a new image, the only one in `home`. Raises Unavailable."""
    for other in home.glob("*/"):
        shutil.rmtree(other, ignore_errors=True)  # a killed run may still write there
    unfinished = Path(tempfile.mkdtemp(dir=home))
    image.make(unfinished)
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
