"""The checkout's own virtual environment, .venv, made and kept right without a question.

    .venv/ready       what it was made from: "<fingerprint> <extra> <extra> ..."
    .hems/venv.lock   held while .venv is changed, by pip too

The fingerprint covers pyproject.toml, this Python and the checkout's place. No stamp, or
another fingerprint: .venv is made anew, so a half-made one repairs itself. Only an extra
missing: it is added. Standard library only, see launch.py.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from hems.errors import Unavailable
from hems.system import process

MAKE_S, INSTALL_S, LOCK_S = 120, 1200, 1500
NOT_WRITABLE = "the checkout cannot be written; clone it to a place of your own"
NO_NETWORK = "the package index cannot be reached: is this machine on line?"
HINTS = {
    "No space left on device": "the disk is full: .venv needs about 150 MB",
    "Read-only file system": NOT_WRITABLE,
    "Permission denied": NOT_WRITABLE,
    "Could not find a version": NO_NETWORK,
    "Failed to establish a new connection": NO_NETWORK,
}


class Environment:
    """The virtual environment .venv of the checkout at `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / ".venv"
        self._stamp = self._path / "ready"
        self.python = self._path / "bin" / "python"

    def is_running(self) -> bool:
        """Tell whether this process runs inside it."""
        return self._path.exists() and self._path.samefile(sys.prefix)

    def make(self, extras: Sequence[str]) -> None:
        """Make or complete it, a line of progress for each step; nothing if it is right.

        Safe to call from several processes at once. Raises Unavailable.
        """
        if self._has(extras):
            return
        with self._lock() as lock:
            if self._has(extras):  # another process has just made it
                return
            installed = self._extras()
            self._stamp.unlink(missing_ok=True)
            if installed is None:
                self._create(lock)
            self._install(sorted({*extras, *(installed or ())}), lock)

    def _has(self, extras: Sequence[str]) -> bool:
        installed = self._extras()
        return installed is not None and set(installed) >= set(extras)

    def _extras(self) -> list[str] | None:
        """Return the extras it was made with, None when it has to be made anew."""
        if not self.python.exists() or not self._stamp.exists():
            return None
        fingerprint, *extras = self._stamp.read_text(encoding="utf-8").split()
        return extras if fingerprint == self._fingerprint() else None

    def _fingerprint(self) -> str:
        project = (self._root / "pyproject.toml").read_bytes()
        made_for = f"{platform.python_version()} {self._root}".encode()
        return hashlib.sha256(project + made_for).hexdigest()

    def _create(self, lock: int) -> None:
        if importlib.util.find_spec("ensurepip") is None:
            raise Unavailable(
                "this Python cannot make virtual environments; on Debian: apt install python3-venv"
            )
        what = f"making .venv with Python {platform.python_version()}"
        _step(what, [sys.executable, "-m", "venv", "--clear", str(self._path)], MAKE_S, lock)

    def _install(self, extras: Sequence[str], lock: int) -> None:
        pip = [str(self.python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        target = f"{self._root}[{','.join(extras)}]" if extras else str(self._root)
        what = f"installing {' + '.join(['hems', *extras])}"
        _step(what, [*pip, "--editable", target], INSTALL_S, lock)
        unfinished = self._stamp.with_suffix(".new")
        unfinished.write_text(" ".join([self._fingerprint(), *extras]), encoding="utf-8")
        unfinished.replace(self._stamp)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[int]:
        """Hold the lock, waiting for whoever has it; yield its descriptor."""
        path = self._root / ".hems" / "venv.lock"
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            file = path.open("a")
        except OSError as error:
            raise Unavailable(explained(f"{path}: {error.strerror}")) from error
        with file:
            deadline = time.monotonic() + LOCK_S
            while not _try_lock(file.fileno()):
                if time.monotonic() > deadline:
                    raise Unavailable(f"another process has been making .venv for {LOCK_S} s")
                time.sleep(0.2)
            yield file.fileno()


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _step(what: str, argv: Sequence[str], timeout_s: float, lock: int) -> None:
    """Run one command, and say on stderr what it is and how long it took."""
    print(f"{what} ...", end=" ", file=sys.stderr, flush=True)
    started = time.monotonic()
    try:
        process.run(argv, timeout_s, keep_open=[lock])
    except Unavailable as error:
        print("failed", file=sys.stderr)
        raise Unavailable(explained(str(error))) from error
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)


def explained(problem: str) -> str:
    """Return `problem` with what to do about it, where that is known."""
    return "\n".join(
        [problem, *dict.fromkeys(hint for sign, hint in HINTS.items() if sign in problem)]
    )
