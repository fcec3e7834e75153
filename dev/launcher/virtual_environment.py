"""Make the checkout's virtual environment, .venv, and renew it when its ingredients change.

    .venv/ready       what it was made from: "<fingerprint> <extra> <extra> ..."
    .hems/venv.lock   held while .venv is changed, by pip too

The fingerprint covers pyproject.toml, this Python and the checkout's path. Without the file, or
with another fingerprint in it, .venv is made from scratch, so a half-made one repairs itself. A
missing extra is added. Standard library only, see run_in_virtual_environment.py.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from dev.launcher.file_lock import lock, try_lock
from hems.errors import Unavailable
from hems.system import subprocesses

MAKE_S, INSTALL_S, LOCK_S = 120, 1200, 1500
NOT_WRITABLE = "the checkout cannot be written; clone it to a place of your own"
NO_NETWORK = "the package index cannot be reached: is this machine online?"
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
        """Return whether this process runs inside it."""
        return self._path.exists() and self._path.samefile(sys.prefix)

    def is_current(self) -> bool:
        """Return whether it was made from today's pyproject.toml."""
        return self._extras() is not None

    def make(self, extras: Sequence[str]) -> None:
        """Make or complete it unless it is right, and print a line for each step.

        Several processes may call this at the same time. Raises Unavailable.
        """
        if self._has(extras):
            return
        with self._lock() as held:
            if self._has(extras):  # another process made it meanwhile
                return
            installed = self._extras()
            if installed is None:
                self._refuse_running_desk()
            self._stamp.unlink(missing_ok=True)
            if installed is None:
                self._create(held)
            self._install(sorted({*extras, *(installed or ())}), held)

    def _refuse_running_desk(self) -> None:
        """Raise Unavailable while a desk runs in this checkout: its programs would disappear."""
        path = self._root / ".hems" / "lock"
        if self.python.exists() and path.exists():
            with path.open() as file:
                if not try_lock(file):
                    raise Unavailable(
                        "a desk runs in .venv, which is older than pyproject.toml: stop it "
                        "with Ctrl-C, then try again"
                    )

    def _has(self, extras: Sequence[str]) -> bool:
        installed = self._extras()
        return installed is not None and set(installed) >= set(extras)

    def _extras(self) -> list[str] | None:
        """Return the extras it was made with, None when it must be made from scratch."""
        if not self.python.exists() or not self._stamp.exists():
            return None
        fingerprint, *extras = self._stamp.read_text(encoding="utf-8").split()
        return extras if fingerprint == self._fingerprint() else None

    def _fingerprint(self) -> str:
        project = (self._root / "pyproject.toml").read_bytes()
        made_for = f"{platform.python_version()} {self._root}".encode()
        return hashlib.sha256(project + made_for).hexdigest()

    def _create(self, held: int) -> None:
        if importlib.util.find_spec("ensurepip") is None:
            raise Unavailable(
                "this Python cannot make virtual environments; on Debian: apt install python3-venv"
            )
        what = f"making .venv with Python {platform.python_version()}"
        _step(what, [sys.executable, "-m", "venv", "--clear", str(self._path)], MAKE_S, held)

    def _install(self, extras: Sequence[str], held: int) -> None:
        pip = [str(self.python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        target = f"{self._root}[{','.join(extras)}]" if extras else str(self._root)
        what = f"installing {' + '.join(['hems', *extras])}"
        _step(what, [*pip, "--editable", target], INSTALL_S, held)
        unfinished = self._stamp.with_suffix(".new")
        unfinished.write_text(" ".join([self._fingerprint(), *extras]), encoding="utf-8")
        unfinished.replace(self._stamp)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[int]:
        """Hold the lock and yield its descriptor, after other processes have released it."""
        path = self._root / ".hems" / "venv.lock"
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            file = path.open("a")
        except OSError as error:
            raise Unavailable(explained(f"{path}: {error.strerror}")) from error
        with file:
            lock(file, LOCK_S)
            yield file.fileno()


def _step(what: str, argv: Sequence[str], timeout_s: float, held: int) -> None:
    """Run one command; print on stderr what it does and how long it took."""
    print(f"{what} ...", end=" ", file=sys.stderr, flush=True)
    started = time.monotonic()
    try:
        subprocesses.run(argv, timeout_s, keep_open=[held])
    except Unavailable as error:
        print("failed", file=sys.stderr)
        raise Unavailable(explained(str(error))) from error
    except KeyboardInterrupt:
        print(file=sys.stderr)
        raise
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)


def explained(problem: str) -> str:
    """Return `problem`, followed by what to do about it where that is known."""
    return "\n".join(
        [problem, *dict.fromkeys(hint for sign, hint in HINTS.items() if sign in problem)]
    )
