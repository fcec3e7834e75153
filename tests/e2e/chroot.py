"""The root file system that Home Assistant runs in: a small Debian and the packages of a lock.

Its image is Alpine with its makers' builds; Debian's Python takes the wheels of PyPI. The places
where the image has something, or the compose project mounts it, are there and empty.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from hems.system import subprocesses
from tests import archive
from tests.e2e import home_assistant_lock

PACKAGES = ("s6", "libturbojpeg0", "tzdata")
PLACES = ("config", "gateway", "opt/gateway", "etc/cont-init.d")
MARKS = (".dockerenv", "OFFICIAL_IMAGE")  # by which Home Assistant knows where it runs
DEBIAN_S, INSTALL_S, COMPILE_S = 600, 600, 300


class Root:
    """The root for one `version`; `lock` is that version's, or empty: then it is made, too."""

    def __init__(self, version: str, lock: Path | None = None) -> None:
        self._version = version
        self._lock = lock

    def key(self) -> str:
        """Return a name that changes when something the root is made from does."""
        modules = [Path(__file__), Path(archive.__file__), Path(home_assistant_lock.__file__)]
        made_from = [*modules, home_assistant_lock.SETTINGS, *([self._lock] if self._lock else [])]
        text = "\n".join([self._version, *(file.read_text() for file in made_from)])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def make(self, directory: Path) -> None:
        """Make the root in the empty `directory`. Raises Unavailable."""
        lock = self._lock
        if lock is None:
            lock = directory.with_name(f"{directory.name}.lock")
            home_assistant_lock.write(self._version, lock)
        python = home_assistant_lock.python_of(lock)
        options = [f"--dpkgopt=path-exclude={pattern}" for pattern in archive.LEFT_OUT]
        # A testing suite's Release file is good for a week; its signature is checked in any case.
        options += ['--aptopt=Acquire::Check-Valid-Until "false"', "--variant=minbase"]
        options += ["--architectures=amd64", f"--include={','.join((python.program, *PACKAGES))}"]
        suite = python.suite
        source = archive.source(suite)
        subprocesses.run(
            ["mmdebstrap", "--quiet", *options, suite, str(directory), source], DEBIAN_S
        )
        site = f"usr/local/lib/{python.program}/dist-packages"
        settings = ["--config-file", str(home_assistant_lock.SETTINGS)]
        what = ["--python-version", python.version, "--no-deps", "--require-hashes", "--quiet"]
        what += ["--requirements", str(lock), "--target", str(directory / site)]
        subprocesses.run([*home_assistant_lock.UV, "install", *settings, *what], INSTALL_S)
        compile_all = [python.program, "-W", "ignore", "-m", "compileall", "-q", "-j", "0"]
        subprocesses.run(["chroot", str(directory), *compile_all, f"/{site}"], COMPILE_S)
        if self._lock is None:
            lock.rename(directory / "homeassistant.lock")
        for place in PLACES:
            (directory / place).mkdir(parents=True)
        for mark in MARKS:
            (directory / mark).touch()
        (directory / "usr/local/bin/python3").symlink_to(f"/usr/bin/{python.program}")
        (directory / "etc/cont-init.d/gateway").symlink_to("/opt/gateway/start.py")
