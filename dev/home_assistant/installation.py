"""Find or make a Home Assistant of the gateway's version that a desk can run.

As root on Debian it is the root file system that the e2e tests make and keep. Everywhere else it
is a virtual environment with Python 3.14 and the packages of the tests' lock, which uv makes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from dev import ROOT, home_assistant_release
from dev.launcher import build_cache
from hems.errors import Unavailable
from hems.system import subprocesses

CONFIG, DEFAULTS = "homeassistant", "homeassistant-defaults"  # in the run folder
ROOTS, ENVIRONMENTS = "hems-e2e", "hems-home-assistant"  # caches
LOCK, UV_SETTINGS = ROOT / "tests/e2e/homeassistant.lock", ROOT / "tests/e2e/uv.toml"
PYTHON = "3.14"
UV = (sys.executable, "-m", "uv")
INSTALL_S = 900
HOW = (
    f"install uv's Python {PYTHON} (`.venv/bin/python -m uv python install {PYTHON}`) or your "
    "system's; or, as root on Debian, make the root of the e2e tests once: "
    "`python3 bin/test -e e2e -- tests/e2e/test_power_on.py`"
)


@contextlib.contextmanager
def command(run_dir: Path) -> Iterator[Sequence[str]]:
    """Yield the command line that runs Home Assistant on the desk in `run_dir`.

    Raises Unavailable, with what is missing and how to get it.
    """
    root = _root()
    if root:
        # The cache's lock is held, so nobody makes another root meanwhile.
        with build_cache.held(ROOTS, root.name, _never):
            unshare = ("unshare", "--mount", "--propagation", "private")
            module = (sys.executable, "-m", "dev.home_assistant.chroot_start")
            yield (*unshare, *module, str(root), str(run_dir))
        return
    with _environment() as environment:
        service = ROOT / "services" / "homeassistant"
        yield (
            str(environment / "bin" / "python"),
            str(Path(__file__).with_name("start_on_desk.py")),
            str(service),
            str(run_dir / DEFAULTS),
            str(run_dir / CONFIG),
            str(run_dir / "gateway" / "secrets"),
            str(run_dir / "homeassistant-environment"),
        )


def _root() -> Path | None:
    """Return the root of this version, None if this user cannot run one or there is none."""
    if os.geteuid() != 0:
        return None
    package = f"usr/local/lib/*/dist-packages/homeassistant-{home_assistant_release.version()}.*"
    roots = (path for path in build_cache.home(ROOTS).glob("*/") if any(path.glob(package)))
    return next(roots, None)


@contextlib.contextmanager
def _environment() -> Iterator[Path]:
    text = "\n".join([PYTHON, LOCK.read_text(encoding="utf-8")])
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    with build_cache.held(ENVIRONMENTS, key, _install) as environment:
        yield environment


def _install(directory: Path) -> None:
    settings = ["--config-file", str(UV_SETTINGS)]
    packages = ["--no-deps", "--require-hashes", "--quiet", "--requirements", str(LOCK)]
    python = ["--python", str(directory / "bin" / "python")]
    try:
        subprocesses.run([*UV, "venv", "--quiet", "--python", PYTHON, str(directory)], INSTALL_S)
        subprocesses.run([*UV, "pip", "install", *settings, *python, *packages], INSTALL_S)
    except Unavailable as error:
        version = home_assistant_release.version()
        line = " ".join(str(error).split())
        raise Unavailable(
            f"Home Assistant {version} needs Python {PYTHON} and packages of PyPI: {line}; {HOW}"
        ) from None


def _never(directory: Path) -> None:
    raise Unavailable(f"{directory.parent}: another process has removed Home Assistant's root")
