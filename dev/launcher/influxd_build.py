"""Build InfluxDB 2.7 from its Go module, once, into a cache. Standard library only.

The binary is the image's, without InfluxDB's own pages. Building takes about ten minutes on two
cores; it needs Go, a C compiler, and Rust for flux's library. To build it by hand:
`python -m dev.launcher.influxd_build`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from dev import ROOT
from dev.launcher import build_cache
from hems.system import subprocesses

VERSION = "2.7.12"
MODULE = "github.com/influxdata/influxdb/v2"
PROGRAMS = ("go", "cargo", "gcc")
CACHE = "hems-influxd"
BUILD_S = 3600.0  # on a busy machine

PKG_CONFIG = "github.com/influxdata/pkg-config@v0.2.7"  # makes flux's library during the build
FLAGS = (
    *("-tags", "sqlite_foreign_keys,sqlite_json,noasset"),
    *("-ldflags", f"-s -w -X main.version=v{VERSION}"),
)
GO_MOD = f"""module influxd

go 1.23.0

require {MODULE} v{VERSION}
"""
# flux denies warnings, and a newer Rust has more of them. RUSTFLAGS does not reach dependencies.
RUSTC_WRAPPER = """#!/usr/bin/env python3
import os, sys
arguments = sys.argv[1:]
if "--cap-lints" not in arguments:
    arguments += ["--cap-lints", "allow"]
os.execvp(arguments[0], arguments)
"""


def missing() -> list[str]:
    """Return the programs that the build needs and that are not installed."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


def key() -> str:
    """Return a hash of everything that the binary is built from."""
    ingredients = repr((PKG_CONFIG, FLAGS, GO_MOD, RUSTC_WRAPPER))
    return hashlib.sha256(ingredients.encode()).hexdigest()[:16]


def make(folder: Path) -> None:
    """Build influxd in the empty `folder`. Raises Unavailable."""
    (folder / "go.mod").write_text(GO_MOD, encoding="utf-8")
    wrapper = folder / "rustc-wrapper"
    wrapper.write_text(RUSTC_WRAPPER, encoding="utf-8")
    wrapper.chmod(0o755)
    programs = folder / "bin"
    variables = {
        "GOBIN": programs,
        "PKG_CONFIG": programs / "pkg-config",
        "RUSTC_WRAPPER": wrapper,
        "RUSTUP_TOOLCHAIN": "stable",  # flux names an old one
    }
    go = ["nice", "env", *(f"{name}={value}" for name, value in variables.items()), "go"]
    output = str(programs / "influxd")
    subprocesses.run([*go, "install", PKG_CONFIG], BUILD_S, folder=folder)
    build = ["build", "-mod=mod", *FLAGS, "-o", output, f"{MODULE}/cmd/influxd"]
    subprocesses.run([*go, *build], BUILD_S, folder=folder)


@contextmanager
def held() -> Iterator[Path]:
    """Yield influxd's path; build it first if it is not in the cache. Raises Unavailable."""
    with build_cache.held(CACHE, key(), make, wait_s=BUILD_S) as folder:
        yield folder / "bin" / "influxd"


def start_in_background() -> None:
    """Begin to build influxd, unless it is in the cache; whoever needs it waits for the lock.

    The build ends with this process, also if that becomes another program.
    """
    home = build_cache.home(CACHE)
    if missing() or (home / key()).exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    log = home / "build.log"
    argv = [sys.executable, "-m", __name__]
    subprocesses.ProgramSession(argv, {**os.environ, "PYTHONPATH": str(ROOT)}, log)
    print(f"building InfluxDB beside the tests, once, for about 10 min: {log}", flush=True)


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)  # so that what the build started ends, too
    with held() as built:
        print(built)
